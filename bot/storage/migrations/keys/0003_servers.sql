-- An item is now also a server's settings, a purge under way, or a report.

CREATE TABLE items (
  item    TEXT NOT NULL,  -- a job's id, a person's or server's hash, an erasure's or report's id
  purpose TEXT NOT NULL CHECK (purpose IN ('recipe', 'picture', 'route', 'choices', 'erasure',
            'server', 'purge', 'report')),
  person  TEXT NOT NULL,  -- whose: a person's hash, or a server's
  day     TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  PRIMARY KEY (item, purpose),
  FOREIGN KEY (person, day) REFERENCES day_keys (person, day)
) STRICT, WITHOUT ROWID;

INSERT INTO items SELECT item, purpose, person, day, wrapped FROM item_keys;
DROP TABLE item_keys;
ALTER TABLE items RENAME TO item_keys;
CREATE INDEX item_keys_of_person ON item_keys (person, day);
