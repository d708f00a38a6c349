-- Servers: what their moderators decide, what they did, and what is to be removed there.
-- `guild_id` 0 is the house itself: the operator's word, everywhere.

-- A server's settings, sealed; no row where everything is as shipped.
CREATE TABLE servers (
  guild_id   INTEGER PRIMARY KEY,
  item       TEXT NOT NULL,           -- keyed hash of the server: what its key is found by
  sealed     BLOB NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

-- How long a server, or one of its channels, lets a class of data be kept at most.
CREATE TABLE server_retention (
  guild_id   INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,        -- 0: the whole server
  class      TEXT NOT NULL CHECK (class IN ('post', 'recipe', 'picture', 'record')),
  seconds    INTEGER NOT NULL CHECK (seconds >= 0),
  PRIMARY KEY (guild_id, channel_id, class)
) STRICT, WITHOUT ROWID;

-- Servers that the bot was removed from, until they are erased or it is back.
CREATE TABLE departures (
  guild_id INTEGER PRIMARY KEY,
  left_at  INTEGER NOT NULL,
  purge    TEXT                       -- the purge that erases it, once the time is over
) STRICT;

-- Who may not use the bot, in one server or anywhere. Outlives an erasure, to its end date.
CREATE TABLE blocks (
  guild_id   INTEGER NOT NULL,
  person     TEXT NOT NULL,
  since      INTEGER NOT NULL,
  expires_at INTEGER,                 -- NULL: until the operator lifts it
  PRIMARY KEY (guild_id, person),
  CHECK (guild_id = 0 OR expires_at IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- Warnings that moderators gave. Outlive an erasure, to their end date.
CREATE TABLE strikes (
  id         INTEGER PRIMARY KEY,
  guild_id   INTEGER NOT NULL,
  person     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX strikes_of_person ON strikes (person, guild_id);

-- How often a safety rule stopped something of a person's, by day. No content, no server.
CREATE TABLE counters (
  person     TEXT NOT NULL,
  what       TEXT NOT NULL CHECK (what IN ('prompt', 'server-prompt', 'picture')),
  visibility TEXT NOT NULL CHECK (visibility IN ('public', 'stealth')),
  day        TEXT NOT NULL,
  hits       INTEGER NOT NULL CHECK (hits > 0),
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (person, what, visibility, day)
) STRICT, WITHOUT ROWID;

-- Reports of public results: where each stands and why. No content.
CREATE TABLE reports (
  id         TEXT PRIMARY KEY,
  guild_id   INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  job        TEXT NOT NULL,
  reason     TEXT NOT NULL CHECK (reason IN ('consent', 'sexual', 'violent', 'other')),
  reporter   TEXT NOT NULL,
  sealed     BLOB NOT NULL,           -- where to tell the reporter what became of it
  made_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  outcome    TEXT CHECK (outcome IN ('removed', 'dismissed', 'gone')), -- until it is told
  UNIQUE (message_id, reporter)
) STRICT, WITHOUT ROWID;

CREATE INDEX reports_of_guild ON reports (guild_id, made_at);

-- What people wrote to moderators about a refusal, sealed.
CREATE TABLE contests (
  id         TEXT PRIMARY KEY,
  guild_id   INTEGER NOT NULL,
  person     TEXT NOT NULL,
  sealed     BLOB NOT NULL,           -- what they wrote, which rule, where to answer
  made_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  outcome    TEXT CHECK (outcome IN ('read', 'told', 'closed')) -- closed: counted, without words
) STRICT, WITHOUT ROWID;

CREATE INDEX contests_of_guild ON contests (guild_id, made_at);

-- Who declared, on which day, to have the rights to what they upload and the consent of those in it.
CREATE TABLE declarations (
  person  TEXT PRIMARY KEY,
  day     TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Purges under way or waiting their turn: finished after a crash, each ending with one receipt.
CREATE TABLE purges (
  id           TEXT PRIMARY KEY,
  guild_id     INTEGER NOT NULL,
  sealed       BLOB NOT NULL,         -- what, by whom, where to answer, how far it got
  begun_at     INTEGER NOT NULL,
  cancelled_at INTEGER,
  ended_at     INTEGER                -- once its receipt is signed
) STRICT;                             -- in the order of its rows they take their turns

-- The operator's block list: perceptual hashes of pictures that are never delivered.
CREATE TABLE fingerprints (
  fingerprint TEXT PRIMARY KEY,
  added_on    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Acts of moderators and operators on data: one hash chain per server, chain 0 the house's.
CREATE TABLE audit (
  chain   INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  at      INTEGER NOT NULL,           -- to the minute
  actor   TEXT NOT NULL,              -- a role
  by      TEXT NOT NULL,              -- who, as a keyed hash; empty for the house itself
  act     TEXT NOT NULL,
  scope   TEXT NOT NULL,
  objects INTEGER NOT NULL CHECK (objects >= 0),
  result  TEXT NOT NULL,
  prev    TEXT NOT NULL,
  hash    TEXT NOT NULL,
  proof   TEXT NOT NULL,              -- keyed hash over the hash: an entry of our own
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;

-- Whom an entry concerns. Not in the chain: an erasure takes it out and the chain still holds.
CREATE TABLE audit_subjects (
  chain   INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  person  TEXT NOT NULL,
  objects INTEGER NOT NULL CHECK (objects >= 0),
  proof   TEXT NOT NULL,              -- keyed hash over the row, so that nobody adds or edits one
  PRIMARY KEY (person, chain, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_subjects_of_entry ON audit_subjects (chain, seq);

-- Signed states of a chain: `floor` before its oldest entry, `head` after its newest, and one a day.
CREATE TABLE audit_heads (
  chain     INTEGER NOT NULL,
  name      TEXT NOT NULL,            -- 'floor', 'head', or a day
  seq       INTEGER NOT NULL,
  hash      TEXT NOT NULL,
  signature TEXT NOT NULL,
  PRIMARY KEY (chain, name)
) STRICT, WITHOUT ROWID;

ALTER TABLE pictures ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
UPDATE pictures SET expires_at = made_at + 86400;

CREATE INDEX posts_of_channel ON posts (guild_id, channel_id);
CREATE INDEX posts_of_message ON posts (message_id);
CREATE INDEX recipes_of_guild ON recipes (guild_id);

-- `deliveries` again, with more endings.
CREATE TABLE deliveries_next (
  job                TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  -- keyed hash: a repeated interaction enqueues nothing; the job's own id where no command paid
  interaction        TEXT NOT NULL UNIQUE,
  visibility         TEXT NOT NULL CHECK (visibility IN ('public', 'stealth')),
  day                TEXT NOT NULL,          -- the day whose usage is refunded
  route              BLOB,                   -- sealed; gone once the ended job is cleared up
  ending             TEXT CHECK (ending IN ('cancelled', 'moved', 'erased', 'expired', 'purged',
                       'stopped', 'dm-closed', 'place-gone', 'failed', 'poison', 'lost')),
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

INSERT INTO deliveries_next (rowid, job, interaction, visibility, day, route, ending, guild_id,
    channel_id, place_intended_at, place_id, placed_at, shared_at, result_intended_at, expires_at)
  SELECT rowid, job, interaction, visibility, day, route, ending, guild_id, channel_id,
    place_intended_at, place_id, placed_at, shared_at, result_intended_at, expires_at
  FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_with_route ON deliveries (job) WHERE route IS NOT NULL;
CREATE INDEX deliveries_expiring ON deliveries (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX deliveries_of_guild ON deliveries (guild_id) WHERE guild_id IS NOT NULL;

-- What was dropped since a copy of this file was made, and must stay dropped when one is restored:
-- facts without content, moved to the ledger's files by `bot.storage.ledger`. Triggers, so that no
-- deed can forget to say it; while no copy was ever made they write nothing. Of a stealth job only
-- that its record is gone: when it ended is written nowhere.
CREATE TABLE forgotten (
  id   INTEGER PRIMARY KEY,
  fact TEXT NOT NULL
) STRICT;

CREATE TRIGGER job_forgotten AFTER DELETE ON jobs
  WHEN EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) VALUES ('job ' || OLD.id);
END;
CREATE TRIGGER job_ended AFTER UPDATE OF state ON jobs
  WHEN NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL
    AND EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) SELECT 'job ' || job FROM deliveries
    WHERE job = OLD.id AND visibility = 'public';
END;
CREATE TRIGGER job_tidied AFTER UPDATE OF route ON deliveries
  WHEN NEW.route IS NULL AND OLD.route IS NOT NULL AND OLD.visibility = 'public'
    AND EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) VALUES ('job ' || OLD.job);
END;
CREATE TRIGGER post_made AFTER INSERT ON posts
  WHEN EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) VALUES ('post ' || NEW.job || ' ' || NEW.person || ' ' || NEW.guild_id
    || ' ' || NEW.channel_id || ' ' || NEW.message_id || ' ' || NEW.posted_at || ' '
    || coalesce(NEW.expires_at, 'stands'));
END;
CREATE TRIGGER post_forgotten AFTER DELETE ON posts
  WHEN EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) VALUES ('unpost ' || OLD.job);
END;
CREATE TRIGGER person_forgotten AFTER DELETE ON people
  WHEN EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) VALUES ('person ' || OLD.person);
END;
CREATE TRIGGER act_forgotten AFTER DELETE ON acts
  WHEN EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) VALUES ('act ' || OLD.person || ' ' || OLD.id);
END;
CREATE TRIGGER subject_forgotten AFTER DELETE ON audit_subjects
  WHEN EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) VALUES ('subject ' || OLD.person || ' ' || OLD.chain || ' ' || OLD.seq);
END;
CREATE TRIGGER declaration_forgotten AFTER DELETE ON declarations
  WHEN EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) VALUES ('declaration ' || OLD.person);
END;
CREATE TRIGGER opted_out AFTER INSERT ON opt_outs
  WHEN EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) VALUES ('optout ' || NEW.person || ' ' || NEW.level || ' ' || NEW.since);
END;
CREATE TRIGGER opted_in AFTER DELETE ON opt_outs
  WHEN EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) VALUES ('optin ' || OLD.person);
END;
