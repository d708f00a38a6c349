-- An item is a job's part, or what a person chose, or an erasure under way.

CREATE TABLE items (
  item    TEXT NOT NULL,              -- a job's id, a person's hash, an erasure's id
  purpose TEXT NOT NULL CHECK (purpose IN ('recipe', 'picture', 'route', 'choices', 'erasure')),
  person  TEXT NOT NULL,
  day     TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  PRIMARY KEY (item, purpose),
  FOREIGN KEY (person, day) REFERENCES day_keys (person, day)
) STRICT, WITHOUT ROWID;

INSERT INTO items SELECT job, purpose, person, day, wrapped FROM item_keys;
DROP TABLE item_keys;
ALTER TABLE items RENAME TO item_keys;
CREATE INDEX item_keys_of_person ON item_keys (person, day);
