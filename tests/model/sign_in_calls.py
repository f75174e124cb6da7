"""Random calls of the operations for tokens, passwords, sessions and the calling user."""
from call import CSRF_TOKEN
from operations import FIRST_NAMES, LAST_NAMES, PASSWORDS, calls

MAX_TOKENS = 40
TOKEN_NAMES = ["ci", "ci-2", "a" * 63, "a" * 64, "Upper", "-a", ""]
MAX_AGES = [None, None, "P1D", "PT1H30M", "P2W", "PT0S", "P1M", "1D", "P", ""]


def own(generator, is_wanted=lambda user: True):
    """Returns credentials, mostly of a wanted user, and of sessions some with a bad CSRF token."""
    known = list(generator.credentials())
    wanted = [pair for pair in known if is_wanted(generator.model.users[pair[1]])]
    credentials, _ = generator.rng.choice(
        wanted if generator.rng.random() < 0.8 and wanted else known
    )
    if len(credentials) == 3 and generator.rng.random() < 0.3:
        credentials = (*credentials[:2], generator.rng.choice(["", "x", CSRF_TOKEN + "x"]))
    return credentials


def new_token(generator):
    body = {
        "name": generator.rng.choice(TOKEN_NAMES[: 3 if generator.rng.random() < 0.8 else None])
    }
    if len(generator.model.tokens) > MAX_TOKENS:
        body["name"] = ""
    return body | generator.some(
        description=generator.rng.choice([None, "", "for CI"]),
        maxAge=generator.rng.choice(MAX_AGES[: 6 if generator.rng.random() < 0.8 else None]),
        extended=generator.rng.choice([True, False, None]),
    )


def some_token(generator, credentials=None):
    """Returns the user and id of a token, mostly one of the caller."""
    tokens = generator.model.tokens
    known = [(t.user, t.id) for s, t in tokens.items() if (s,) != generator.auditor]
    if credentials and generator.rng.random() < 0.8:
        caller = dict(generator.credentials()).get(credentials)
        known = [(user, id) for user, id in known if user == caller] or known
    return generator.rng.choice(known or [("nobody", "nothing")])


@calls("createApiTokensForUser", 3)
def create_token_for_user(generator):
    return {"path": (generator.user(),), "body": new_token(generator)}


@calls("listApiTokensForUser", 1)
def list_tokens_for_user(generator):
    return {"path": (generator.user(),)}


@calls("deleteApiTokenForUser", 2)
def delete_token_for_user(generator):
    user, token = some_token(generator)
    if generator.rng.random() < 0.1:
        user = generator.user()
    return {"path": (user, token)}


@calls("createApiTokenForCurrentUser", 2)
def create_own_token(generator):
    return {"body": new_token(generator), "credentials": own(generator)}


@calls("listApiTokensForCurrentUser", 1)
def list_own_tokens(generator):
    return {"credentials": own(generator)}


@calls("deleteApiTokenForCurrentUser", 2)
def delete_own_token(generator):
    credentials = own(generator)
    return {"path": (some_token(generator, credentials)[1],), "credentials": credentials}


@calls("patchUserPassword", 1)
def patch_user_password(generator):
    password = generator.rng.choice(PASSWORDS[: 2 if generator.rng.random() < 0.7 else None])
    return {"path": (generator.user(),), "body": {"password": password}}


@calls("updateCurrentUserPassword", 2)
def update_own_password(generator):
    credentials = own(generator, lambda user: user.password is not None)
    user = dict(generator.credentials()).get(credentials)
    right = generator.model.users[user].password if user else None
    old = right if right and generator.rng.random() < 0.8 else "wrong"
    new = generator.rng.choice(PASSWORDS[: 2 if generator.rng.random() < 0.7 else None])
    body = {"oldPassword": old, "newPassword": new}
    return {"body": body, "credentials": credentials}


@calls("deleteUserAuthMethod", 1)
def delete_user_auth_method(generator):
    users = [id for id, user in generator.model.users.items() if user.password is not None]
    user = generator.user()
    if users and generator.rng.random() < 0.7:
        user = generator.rng.choice(users)
    return {"path": (user, generator.rng.choice(["BasicAuth", "BasicAuth", "basicauth", "a/b"]))}


@calls("getCurrentUser", 1)
def get_current_user(generator):
    return {"credentials": own(generator)}


@calls("patchCurrentUser", 2)
def patch_current_user(generator):
    body = generator.some(
        firstName=generator.rng.choice(FIRST_NAMES), lastName=generator.rng.choice(LAST_NAMES)
    )
    if generator.rng.random() < 0.4:
        body["email"] = generator.rng.choice([generator.email(), None, "a@b@c"])
    return {"body": body, "credentials": own(generator)}


def log_in(generator):
    users = [user for user in generator.model.users.values() if user.password is not None]
    if not users:
        return {"body": {"username": "nobody", "password": ""}}
    user = generator.rng.choice(users)
    name = generator.rng.choice([user.username, user.username, user.username.upper()])
    password = user.password if generator.rng.random() < 0.9 else generator.rng.choice(["", "x"])
    return {"body": {"username": name, "password": password}}


calls("login_1", 1)(log_in)
calls("login", 1)(log_in)


@calls("logout", 1)
def log_out(generator):
    sessions = [c for c, _ in generator.credentials() if len(c) == 3]
    return {"credentials": generator.rng.choice(sessions)} if sessions else {}


@calls("impersonate", 2)
def impersonate(generator):
    return {"path": (generator.user(),)}


@calls("deleteRefreshToken", 1)
def delete_refresh_token(generator):
    sessions = list(generator.model.sessions.values())
    known = sessions and generator.rng.random() < 0.7
    return {"path": (generator.rng.choice(sessions) if known else generator.user(),)}
