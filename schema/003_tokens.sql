-- A session is a token in a cookie. Each use of an extended token sets its expiry to max_age
-- milliseconds later; null means that it never expires.
ALTER TABLE api_tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'API' CHECK (kind IN ('API', 'SESSION'));
ALTER TABLE api_tokens ADD COLUMN extended INTEGER NOT NULL DEFAULT 0 CHECK (extended IN (0, 1));
ALTER TABLE api_tokens ADD COLUMN max_age INTEGER;
ALTER TABLE api_tokens ADD COLUMN last_used_at INTEGER;
