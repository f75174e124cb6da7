-- A session is a token in a cookie. Each use of an extended token sets its expiry to that many
-- milliseconds (max_age) later; null is for ever.
ALTER TABLE api_tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'API' CHECK (kind IN ('API', 'SESSION'));
ALTER TABLE api_tokens ADD COLUMN extended INTEGER NOT NULL DEFAULT 0 CHECK (extended IN (0, 1));
ALTER TABLE api_tokens ADD COLUMN max_age INTEGER;
ALTER TABLE api_tokens ADD COLUMN last_used_at INTEGER;
