-- The warehouse of an invented product. The look-ups load this text into an empty database whenever they are asked.
CREATE TABLE parts (part TEXT PRIMARY KEY, singular TEXT NOT NULL, plural TEXT NOT NULL);
INSERT INTO parts VALUES
  ('Bridge B1', 'Bridge', 'Bridges'),
  ('Tag T2', 'Tag', 'Tags'),
  ('probe cable', 'probe', 'probe cables');

CREATE TABLE stock (part TEXT NOT NULL REFERENCES parts, warehouse TEXT NOT NULL, pieces INTEGER NOT NULL);
INSERT INTO stock VALUES
  ('Bridge B1', 'Rotterdam', 42),
  ('Tag T2', 'Rotterdam', 1310),
  ('Tag T2', 'Toronto', 275);

CREATE TABLE deliveries (part TEXT NOT NULL REFERENCES parts, day TEXT NOT NULL, pieces INTEGER NOT NULL);
INSERT INTO deliveries VALUES
  ('probe cable', '2026-12-04', 500),
  ('Bridge B1', '2027-01-15', 60);

CREATE TABLE orders (number TEXT PRIMARY KEY, customer TEXT NOT NULL, status TEXT NOT NULL, day TEXT NOT NULL);
INSERT INTO orders VALUES
  ('OR-104210', 'northwind', 'shipped', '2026-11-18'),
  ('OR-104211', 'northwind', 'in the warehouse', '2026-11-19'),
  ('OR-104212', 'fjordfisk', 'delivered', '2026-11-12');
