-- What people expect of an image bot: pictures brought along, models to choose from, favourites.

-- Pictures that a job starts from: sealed as its own are, and gone when it ends.
CREATE TABLE inputs (
  job      TEXT NOT NULL,
  position INTEGER NOT NULL,           -- the mask is the last
  blob     TEXT NOT NULL,
  PRIMARY KEY (job, position)
) STRICT, WITHOUT ROWID;

-- Which model a job needs, so that the worker changes models seldom; '' is the default one.
ALTER TABLE jobs ADD COLUMN model TEXT NOT NULL DEFAULT '';
-- Seconds of work that went before it, out of turn, because their model was loaded already.
ALTER TABLE jobs ADD COLUMN passed REAL NOT NULL DEFAULT 0;

-- Kept for as long as the operator lets a recipe be kept, because its owner starred it.
ALTER TABLE recipes ADD COLUMN starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1));


-- `deliveries` again, with more endings; the triggers that name it must stand aside meanwhile.
DROP TRIGGER job_ended;
DROP TRIGGER job_tidied;
CREATE TABLE deliveries_next (
  job                TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  -- keyed hash: a repeated interaction enqueues nothing; the job's own id where no command paid
  interaction        TEXT NOT NULL UNIQUE,
  visibility         TEXT NOT NULL CHECK (visibility IN ('public', 'stealth')),
  day                TEXT NOT NULL,          -- the day whose usage is refunded
  route              BLOB,                   -- sealed; gone once the ended job is cleared up
  ending             TEXT CHECK (ending IN ('cancelled', 'moved', 'erased', 'expired', 'purged',
                       'stopped', 'dm-closed', 'place-gone', 'failed', 'too-large', 'no-model',
                       'poison', 'lost')),
  guild_id           INTEGER,                -- of a public job, until its result stands
  channel_id         INTEGER,
  place_intended_at  INTEGER,
  place_id           INTEGER,                -- message id of a public place
  placed_at          INTEGER,
  shared_at          INTEGER,                -- since when others could see a public place
  result_intended_at INTEGER,
  expires_at         INTEGER,                -- of the record, once its job has ended
  plan               TEXT,                   -- what it took, for its refund
  gpu_milliseconds   INTEGER NOT NULL DEFAULT 0 CHECK (gpu_milliseconds >= 0),
  CHECK (visibility = 'public' OR (guild_id IS NULL AND channel_id IS NULL AND place_id IS NULL
         AND shared_at IS NULL))
) STRICT;

INSERT INTO deliveries_next (rowid, job, interaction, visibility, day, route, ending, guild_id,
    channel_id, place_intended_at, place_id, placed_at, shared_at, result_intended_at, expires_at,
    plan, gpu_milliseconds)
  SELECT rowid, job, interaction, visibility, day, route, ending, guild_id, channel_id,
    place_intended_at, place_id, placed_at, shared_at, result_intended_at, expires_at,
    plan, gpu_milliseconds
  FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_with_route ON deliveries (job) WHERE route IS NOT NULL;
CREATE INDEX deliveries_expiring ON deliveries (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX deliveries_of_guild ON deliveries (guild_id) WHERE guild_id IS NOT NULL;
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
