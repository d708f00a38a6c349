-- darkroom.db: people as keyed hashes, jobs, where results go. Words and pictures only sealed.

CREATE TABLE people (
  person            TEXT PRIMARY KEY,
  first_seen_at     INTEGER NOT NULL,
  told_ai_at        INTEGER,          -- when the first answer said that pictures are made by AI
  role_plan         TEXT,             -- the best plan a role gave in a server, for use in the DM
  role_plan_seen_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE usage (
  person       TEXT NOT NULL,
  day          TEXT NOT NULL,         -- the operator's calendar day
  pictures     INTEGER NOT NULL CHECK (pictures >= 0),
  stealth_jobs INTEGER NOT NULL CHECK (stealth_jobs >= 0),
  PRIMARY KEY (person, day)
) STRICT, WITHOUT ROWID;

-- The queue's table; its SQL is in gen/queue.py, its life cycle in gen/job.py.
CREATE TABLE jobs (
  id          TEXT PRIMARY KEY,
  tenant      TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('accepted', 'placed', 'running', 'rendered',
                'delivered', 'refused', 'cancelled', 'dead', 'lost')),
  rows        INTEGER NOT NULL CHECK (rows BETWEEN 1 AND 4),
  cost        REAL NOT NULL CHECK (cost >= 0),   -- denoiser seconds; nothing once it has ended
  start_tag   REAL NOT NULL,
  span        REAL NOT NULL,          -- how far it pushed its tenant's finish tag
  attempts    INTEGER NOT NULL DEFAULT 0,
  lease_owner TEXT,                   -- the bot process that runs it; dead when that process is
  lease_until REAL,                   -- monotonic seconds of that process
  accepted_at INTEGER NOT NULL,
  ended_at    INTEGER,
  payload     BLOB,                   -- the sealed spec; the queue cannot read it
  CHECK ((state = 'running') = (lease_owner IS NOT NULL)),
  CHECK ((state = 'running') = (lease_until IS NOT NULL)),
  CHECK ((state IN ('delivered', 'refused', 'cancelled', 'dead', 'lost')) = (ended_at IS NOT NULL))
) STRICT;

CREATE INDEX jobs_claimable ON jobs (start_tag, accepted_at) WHERE state = 'placed';
CREATE INDEX jobs_open ON jobs (state, accepted_at) WHERE ended_at IS NULL;
CREATE INDEX jobs_open_of_tenant ON jobs (tenant) WHERE ended_at IS NULL;

-- Fair clock: how far each tenant's last job reaches in virtual time.
CREATE TABLE tenants (
  tenant     TEXT PRIMARY KEY,
  finish_tag REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fair_clock (
  one          INTEGER PRIMARY KEY CHECK (one = 1),
  virtual_time REAL NOT NULL
) STRICT;
INSERT INTO fair_clock VALUES (1, 0.0);

-- Where a job's messages stand, and what was intended before each call to Discord.
CREATE TABLE deliveries (
  job                TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  interaction        TEXT NOT NULL UNIQUE,   -- keyed hash: a repeated interaction enqueues nothing
  visibility         TEXT NOT NULL CHECK (visibility IN ('public', 'stealth')),
  day                TEXT NOT NULL,          -- the day whose usage is refunded
  route              BLOB,                   -- sealed; gone once the ended job is cleared up
  ending             TEXT CHECK (ending IN ('cancelled', 'dm-closed', 'place-gone', 'failed',
                       'poison', 'lost')),   -- why an ended job has no picture
  guild_id           INTEGER,                -- of a public result, for its server's moderators
  channel_id         INTEGER,
  place_intended_at  INTEGER,
  place_id           INTEGER,                -- message id of a public place or result
  placed_at          INTEGER,
  result_intended_at INTEGER,
  CHECK (visibility = 'public' OR (guild_id IS NULL AND channel_id IS NULL AND place_id IS NULL))
) STRICT;

CREATE INDEX deliveries_with_route ON deliveries (job) WHERE route IS NOT NULL;

-- Sealed pictures that wait to be delivered; the bytes lie in files named by `blob`.
CREATE TABLE pictures (
  job        TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  position   INTEGER NOT NULL,
  blob       TEXT NOT NULL UNIQUE,
  PRIMARY KEY (job, position)
) STRICT, WITHOUT ROWID;

-- Facts of the house that outlive a process, such as the hash of the registered commands.
CREATE TABLE house (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
