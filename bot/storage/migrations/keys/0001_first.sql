-- keys.db: every key that opens a row or a file, wrapped. Destroying a thing = deleting its key here.

-- Keys of the house itself, wrapped by the root key. Row 'hash' keys the hashes of ids; that it
-- opens proves that the root key is the right one.
CREATE TABLE house_keys (
  name    TEXT PRIMARY KEY,
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One key per person per day, wrapped by the root key.
CREATE TABLE day_keys (
  person  TEXT NOT NULL,
  day     TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  PRIMARY KEY (person, day)
) STRICT, WITHOUT ROWID;

-- One key per item: a job's recipe, its pictures, its route. Wrapped by the person's key of the day.
CREATE TABLE item_keys (
  job     TEXT NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('recipe', 'picture', 'route')),
  person  TEXT NOT NULL,
  day     TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  PRIMARY KEY (job, purpose),
  FOREIGN KEY (person, day) REFERENCES day_keys (person, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX item_keys_of_person ON item_keys (person, day);
