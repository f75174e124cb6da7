"""The rules for tokens, passwords, sessions, and the calling user."""
import re
from unittest.mock import ANY

from call import ANYBODY, EVERYONE, SUPER_ADMINS, operation
from listing import Refusal, fold
from world import Token, World, without_nulls

PASSWORD_RULES = [r".{8}", r"[0-9]", r"[a-z]", r"[A-Z]"]
TOKEN_NAME = re.compile(r"(?=.{1,63}$)[a-z0-9]+(?:-[a-z0-9]+)*")
DURATION = re.compile(r"P(?=.)(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?")
SECRET = re.compile(r"[0-9A-Z]{6}[0-9A-Za-z]{58}")


WEAK_PASSWORD = "password-policy-violation"


def is_no_duration(text):
    return isinstance(text, str) and not DURATION.fullmatch(text)


class NoSecret(Exception):
    """The answer lacks a new token or session."""


class SignIn(World):
    def check_secret(self, call):
        if not SECRET.fullmatch(call.secret) or call.secret in self.tokens | self.sessions:
            raise NoSecret

    def check_password(self, call, name, password):
        rules = [*PASSWORD_RULES, f"[{re.escape(self.version.password_specials)}]"]
        broken = [r for r in rules if password is not None and not re.search(r, password)]
        if broken:
            paths = call.paths(*[f".request.{name}"] * len(broken))
            raise Refusal(422, paths=paths, type=WEAK_PASSWORD)

    def set_password(self, user_id, password):
        self.users[user_id].password = password
        self.end_sessions(user_id)

    def end_sessions(self, user_id):
        self.drop(self.sessions, lambda secret: self.sessions[secret] == user_id)

    # Tokens

    def create_token(self, call, user_id):
        name, max_age = call.get("name"), call.get("maxAge")
        wrong = [".request.name"] if not TOKEN_NAME.fullmatch(name) else []
        if is_no_duration(max_age):
            paths = call.paths(".request.maxAge", *wrong)
            raise Refusal(422, paths=paths, type="invalid-json", unreadable="maxAge")
        if wrong:
            raise Refusal(422, paths=call.paths(*wrong))
        self.user(user_id)
        ends = max_age is not None
        token = Token(user_id, call.made, name, call.get("description"))
        token.extended, token.ends = bool(call.get("extended")), ends
        token.expired = ends and not re.search("[1-9]", max_age)
        self.check_secret(call)
        self.tokens[call.secret] = token
        return {"id": call.made, "name": name, "fullToken": call.secret}

    def list_tokens(self, user_id):
        self.user(user_id)
        results = [
            without_nulls(
                id=token.id,
                name=token.name,
                description=token.description,
                prefix=secret[:6],
                iat=ANY,
                exp=ANY if token.ends else None,
                lastUsed=ANY if token.used else None,
                extended=token.extended,
                expired=token.expired,
            )
            for secret, token in self.tokens.items()
            if token.user == user_id
        ]
        return 200, {"total": len(results), "results": results}

    def delete_token(self, user_id, token_id):
        self.user(user_id)
        found = [s for s, t in self.tokens.items() if (t.user, t.id) == (user_id, token_id)]
        if not found:
            raise Refusal(404, token_id)
        del self.tokens[found[0]]

    @operation("createApiTokensForUser", "POST", "/users/{id}/api-tokens", SUPER_ADMINS)
    def create_token_for_user(self, call, user_id):
        status = 201 if self.version.since("1.3") else 200
        return status, self.create_token(call, user_id)

    @operation("listApiTokensForUser", "GET", "/users/{id}/api-tokens", SUPER_ADMINS)
    def list_tokens_for_user(self, call, user_id):
        return self.list_tokens(user_id)

    @operation("deleteApiTokenForUser", "DELETE", "/users/{id}/api-tokens/{tokenId}", SUPER_ADMINS)
    def delete_token_for_user(self, call, user_id, token_id):
        self.delete_token(user_id, token_id)
        return 204, None

    @operation("createApiTokenForCurrentUser", "POST", "/me/api-tokens", EVERYONE)
    def create_own_token(self, call):
        return 200, self.create_token(call, call.caller)

    @operation("listApiTokensForCurrentUser", "GET", "/me/api-tokens", EVERYONE)
    def list_own_tokens(self, call):
        return self.list_tokens(call.caller)

    @operation("deleteApiTokenForCurrentUser", "DELETE", "/me/api-tokens/{tokenId}", EVERYONE)
    def delete_own_token(self, call, token_id):
        self.delete_token(call.caller, token_id)
        return 200, None

    # Passwords

    @operation("patchUserPassword", "PATCH", "/users/{id}/password", SUPER_ADMINS)
    def patch_user_password(self, call, user_id):
        self.check_password(call, "password", call.get("password"))
        self.user(user_id)
        self.set_password(user_id, call.get("password"))
        return 200, self.details(user_id)

    @operation("deleteUserAuthMethod", "DELETE", "/users/{id}/auths/{auth}", SUPER_ADMINS)
    def delete_user_auth_method(self, call, user_id, auth):
        if auth != "BasicAuth" or self.user(user_id).password is None:
            self.user(user_id)
            raise Refusal(404, auth)
        self.set_password(user_id, None)
        return 200, self.details(user_id)

    @operation("updateCurrentUserPassword", "PUT", "/me/password", EVERYONE)
    def update_own_password(self, call):
        self.check_password(call, "newPassword", call.get("newPassword"))
        password = self.users[call.caller].password
        if password is None or password != call.get("oldPassword"):
            raise Refusal(400, type="invalid-credentials")
        self.set_password(call.caller, call.get("newPassword"))
        return 200, {}

    # The calling user

    def me(self, user_id):
        user, summary = self.users[user_id], self.summary(user_id)
        profile = without_nulls(
            email=user.email,
            firstName=user.first_name,
            lastName=user.last_name,
            username=user.username,
        )
        owned = [
            {"tenantId": tenant, "id": id}
            for (tenant, id), m in self.shown_groups(user_id).items()
            if m.kind == "OWNER"
        ]
        return ({"ownedGroups": owned} if self.version.owned_groups else {}) | {
            "id": user_id,
            self.version.privilege: user.super_admin,
            "restricted": user.restricted,
            "profile": profile,
            "auths": [{n: auth[n] for n in ("name", "type")} for auth in summary["auths"]],
            "tenants": summary["tenants"],
        }

    @operation("getCurrentUser", "GET", "/me", EVERYONE)
    def get_current_user(self, call):
        return 200, self.me(call.caller)

    @operation("patchCurrentUser", "PATCH", "/me", EVERYONE)
    def patch_current_user(self, call):
        self.change_user(call, call.caller)
        return 200, self.me(call.caller)

    # Sessions

    def start_session(self, call, user_id):
        self.check_secret(call)
        self.sessions[call.secret] = user_id

    def log_in(self, call):
        names = ("username", "password")
        empty = [f".request.{name}" for name in names if not call.get(name)]
        if empty:
            raise Refusal(422, paths=call.paths(*empty))
        self.start_session(call, self.user_with(call.get("username"), call.get("password")))

    def user_with(self, username, password):
        for user_id, user in self.users.items():
            if fold(user.username) == fold(username):
                if user.password is not None and user.password == password:
                    return user_id
        raise Refusal(401)

    @operation("login_1", "POST", "/login", ANYBODY)
    def log_in_as_browser(self, call):
        self.log_in(call)
        return 303, None

    @operation("login", "POST", "/login", ANYBODY)
    def log_in_for_api(self, call):
        self.log_in(call)
        return 200, {"username": call.get("username")}

    @operation("logout", "POST", "/logout", ANYBODY)
    def log_out(self, call):
        if call.credentials and len(call.credentials) == 3:
            self.sessions.pop(call.credentials[1], None)
        return 200, {}

    @operation("impersonate", "POST", "/users/{id}/impersonate", SUPER_ADMINS)
    def impersonate(self, call, user_id):
        self.user(user_id)
        self.start_session(call, user_id)
        return 303, None

    @operation("deleteRefreshToken", "DELETE", "/users/{id}/refresh-token", SUPER_ADMINS)
    def delete_refresh_token(self, call, user_id):
        self.user(user_id)
        self.end_sessions(user_id)
        return 204, None
