-- A person's power over their own data: choices, what outlives a job, what outlives an erasure.
-- `expires_at` is seconds since 1970 and only ever moves earlier: a looser policy never applies to
-- what was made before it.

-- What a person chose, sealed; forgotten when it was not used for long.
CREATE TABLE choices (
  person  TEXT PRIMARY KEY,
  sealed  BLOB NOT NULL,
  used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who said no. Outlives an erasure, so that it is remembered.
CREATE TABLE opt_outs (
  person TEXT PRIMARY KEY,
  level  TEXT NOT NULL CHECK (level IN ('never-public', 'no-processing', 'ask-first')),
  since  TEXT NOT NULL                -- a day
) STRICT, WITHOUT ROWID;

-- The day of a person's last export. Outlives an erasure, so that one a day stays one a day.
CREATE TABLE exports (
  person TEXT PRIMARY KEY,
  day    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Our messages with public results, for as long as they stand.
CREATE TABLE posts (
  job        TEXT PRIMARY KEY,
  person     TEXT NOT NULL,
  guild_id   INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  posted_at  INTEGER NOT NULL,
  expires_at INTEGER                  -- NULL: while it stands
) STRICT, WITHOUT ROWID;

CREATE INDEX posts_of_person ON posts (person);
CREATE INDEX posts_of_guild ON posts (guild_id);

-- Sealed recipes of public results: what buttons need to make a picture again.
CREATE TABLE recipes (
  job        TEXT PRIMARY KEY,
  person     TEXT NOT NULL,
  guild_id   INTEGER NOT NULL,
  sealed     BLOB NOT NULL,
  made_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX recipes_of_person ON recipes (person);
CREATE INDEX recipes_expiring ON recipes (expires_at);

-- Sealed recipes of stealth results. Nobody's: a random id, and a key that is only in the buttons of
-- its owner's DM. A day and no time, so that no row can be matched with a job.
CREATE TABLE unlinked_recipes (
  id         TEXT PRIMARY KEY,
  sealed     BLOB NOT NULL,
  expires_on TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX unlinked_recipes_expiring ON unlinked_recipes (expires_on);

-- Acts on a person's data, without content: who (a role), what, when to the minute, how much.
CREATE TABLE acts (
  id         INTEGER PRIMARY KEY,
  person     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  act        TEXT NOT NULL,
  objects    INTEGER NOT NULL CHECK (objects >= 0),
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX acts_of_person ON acts (person);

-- Erasures under way: finished after a crash, each ending with one receipt.
CREATE TABLE erasures (
  id       TEXT PRIMARY KEY,
  person   TEXT NOT NULL,
  sealed   BLOB NOT NULL,             -- whose, what, where to answer, how far it got
  begun_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The privacy policy as it was printed at each change.
CREATE TABLE policies (
  version INTEGER PRIMARY KEY,
  day     TEXT NOT NULL,
  text    TEXT NOT NULL
) STRICT;

ALTER TABLE pictures ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
UPDATE pictures SET made_at = (SELECT accepted_at FROM jobs WHERE id = job);

-- `deliveries` again, with more endings, the end of the record and the time others could see it.
CREATE TABLE deliveries_next (
  job                TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  -- keyed hash: a repeated interaction enqueues nothing; the job's own id where no command paid
  interaction        TEXT NOT NULL UNIQUE,
  visibility         TEXT NOT NULL CHECK (visibility IN ('public', 'stealth')),
  day                TEXT NOT NULL,          -- the day whose usage is refunded
  route              BLOB,                   -- sealed; gone once the ended job is cleared up
  ending             TEXT CHECK (ending IN ('cancelled', 'moved', 'erased', 'expired', 'dm-closed',
                       'place-gone', 'failed', 'poison', 'lost')),   -- why there is no picture
  guild_id           INTEGER,                -- of a public job, until its result stands
  channel_id         INTEGER,
  place_intended_at  INTEGER,
  place_id           INTEGER,                -- message id of a public place
  placed_at          INTEGER,
  shared_at          INTEGER,                -- since when others could see a public place
  result_intended_at INTEGER,
  expires_at         INTEGER,                -- of the record, once its job has ended
  CHECK (visibility = 'public' OR (guild_id IS NULL AND channel_id IS NULL AND place_id IS NULL
         AND shared_at IS NULL))
) STRICT;

INSERT INTO deliveries_next
  SELECT job, interaction, visibility, day, route, ending, guild_id, channel_id, place_intended_at,
         place_id, placed_at, iif(place_id IS NULL, NULL, placed_at), result_intended_at, NULL
  FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_with_route ON deliveries (job) WHERE route IS NOT NULL;
CREATE INDEX deliveries_expiring ON deliveries (expires_at) WHERE expires_at IS NOT NULL;

-- Results that stand already move to their new tables.
INSERT INTO posts
  SELECT job, tenant, guild_id, channel_id, place_id, ended_at, NULL FROM deliveries
  JOIN jobs ON jobs.id = job WHERE state = 'delivered' AND place_id IS NOT NULL;
INSERT INTO recipes
  SELECT job, tenant, guild_id, payload, ended_at, ended_at + 30 * 86400 FROM deliveries
  JOIN jobs ON jobs.id = job WHERE state = 'delivered' AND payload IS NOT NULL;
UPDATE jobs SET payload = NULL WHERE state = 'delivered';
UPDATE deliveries SET guild_id = NULL, channel_id = NULL, place_id = NULL
  WHERE job IN (SELECT id FROM jobs WHERE state = 'delivered');
UPDATE deliveries SET expires_at = (SELECT ended_at FROM jobs WHERE id = job) + 30 * 86400
  WHERE job IN (SELECT id FROM jobs WHERE ended_at IS NOT NULL);
