-- What it takes to verify the password: KiB of memory times passes, as the hash says itself, such
-- as $argon2id$v=19$m=7168,t=5,p=1$... Those of the low cost, which is 8, need no place in the index.
ALTER TABLE users ADD COLUMN password_cost INTEGER GENERATED ALWAYS AS (
    CAST(substr(password_hash, instr(password_hash, '$m=') + 3) AS INTEGER)
    * CAST(substr(password_hash, instr(password_hash, ',t=') + 3) AS INTEGER)) VIRTUAL;
CREATE INDEX users_by_password_cost ON users (password_cost) WHERE password_cost > 8;
