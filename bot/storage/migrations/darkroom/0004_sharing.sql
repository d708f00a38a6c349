-- Plans from four sources, GPU time by the month, two speeds, and what a job took.

CREATE TABLE gpu_usage (
  person       TEXT NOT NULL,
  month        TEXT NOT NULL,         -- the operator's calendar month
  milliseconds INTEGER NOT NULL CHECK (milliseconds >= 0),
  PRIMARY KEY (person, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE grants (
  person     TEXT PRIMARY KEY,
  plan       TEXT NOT NULL,
  granted_on TEXT NOT NULL,           -- a day
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE entitlements (
  id      TEXT PRIMARY KEY,           -- keyed hash of Discord's id
  person  TEXT NOT NULL,
  plan    TEXT NOT NULL,
  told_at INTEGER NOT NULL,           -- when an event told of it; kept for minutes only
  ends_at INTEGER                     -- NULL: until Discord says that it ended
) STRICT, WITHOUT ROWID;

CREATE INDEX entitlements_of_person ON entitlements (person);

CREATE TRIGGER grant_forgotten AFTER DELETE ON grants
  WHEN EXISTS (SELECT 1 FROM house WHERE name = 'ledger') BEGIN
  INSERT INTO forgotten (fact) VALUES ('ungrant ' || OLD.person);
END;

CREATE TABLE plan_roles (
  guild_id INTEGER NOT NULL,
  role_id  INTEGER NOT NULL,
  plan     TEXT NOT NULL,
  PRIMARY KEY (guild_id, role_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_ceilings (
  guild_id INTEGER PRIMARY KEY,
  plan     TEXT NOT NULL              -- the best plan that its roles may give
) STRICT;

-- The queue: a job is fast or relaxed, and as many of one tenant's run at once as each job lets.
ALTER TABLE jobs ADD COLUMN speed TEXT NOT NULL DEFAULT 'fast' CHECK (speed IN ('fast', 'relax'));
ALTER TABLE jobs ADD COLUMN running_cap INTEGER NOT NULL DEFAULT 4 CHECK (running_cap >= 1);
DROP INDEX jobs_claimable;
CREATE INDEX jobs_claimable ON jobs (speed, start_tag, accepted_at) WHERE state = 'placed';
CREATE INDEX jobs_waiting ON jobs (speed, start_tag, accepted_at)
  WHERE state IN ('accepted', 'placed');
CREATE INDEX jobs_running ON jobs (tenant) WHERE state = 'running';

CREATE TABLE tenants_next (
  tenant     TEXT NOT NULL,
  speed      TEXT NOT NULL CHECK (speed IN ('fast', 'relax')),
  finish_tag REAL NOT NULL,
  PRIMARY KEY (tenant, speed)
) STRICT, WITHOUT ROWID;
INSERT INTO tenants_next SELECT tenant, 'fast', finish_tag FROM tenants;
DROP TABLE tenants;
ALTER TABLE tenants_next RENAME TO tenants;

CREATE TABLE relax_use (
  tenant  TEXT PRIMARY KEY,
  seconds REAL NOT NULL CHECK (seconds >= 0), -- denoiser seconds, as they counted at used_at
  used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fair_clocks (
  speed        TEXT PRIMARY KEY CHECK (speed IN ('fast', 'relax')),
  virtual_time REAL NOT NULL,         -- among the tenants of this speed
  start_tag    REAL NOT NULL,         -- of its job served last, among the speeds
  finish_tag   REAL NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO fair_clocks SELECT 'fast', virtual_time, 0, 0 FROM fair_clock;
INSERT INTO fair_clocks VALUES ('relax', 0, 0, 0);
DROP TABLE fair_clock;

-- What a job took, for its refund; its day's month is the month of its GPU time.
ALTER TABLE deliveries ADD COLUMN plan TEXT;
ALTER TABLE deliveries ADD COLUMN gpu_milliseconds INTEGER NOT NULL DEFAULT 0
  CHECK (gpu_milliseconds >= 0);
