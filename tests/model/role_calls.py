"""Random calls about roles and bindings."""
from operations import DESCRIPTIONS, calls
from roles import PERMISSIONS

ROLE_NAMES = ["Planner", "planner", "On call", "été", ""]
NAMESPACES = [None, None, "io.kestra", "company.team"]
# Those that the tested operations need, and some that they do not.
RESOURCES = ["GROUP", "USER", "ROLE", "BINDING", "FLOW", "GROUP_MEMBERSHIP", "TENANT_ACCESS", "NOTHING"]

def role_of(generator, tenant):
    here = [id for there, id in generator.model.roles if there == tenant]
    return generator.rng.choice(here if here and generator.rng.random() < 0.9 else ["nope", "admin_main"])


def binding_of(generator, tenant):
    here = [id for there, id in generator.model.bindings if there == tenant]
    return generator.rng.choice(here if here and generator.rng.random() < 0.9 else ["nope"])


def permissions(generator):
    known = generator.model.resources()
    resources = generator.rng.sample(RESOURCES, generator.rng.randrange(4))
    if generator.rng.random() < 0.9:
        resources = [resource for resource in resources if resource in known]
    old = list(PERMISSIONS.document["vocabularies"][generator.model.version.permissions]["old"])
    result = {}
    for resource in resources:
        actions = known.get(resource, ["VIEW"]) + old
        if generator.rng.random() < 0.05:
            actions = actions + ["EXECUTE"]
        result[resource] = generator.rng.sample(actions, generator.rng.randrange(len(actions) + 1))
    return result


def role_body(generator):
    body = generator.some(
        description=generator.rng.choice(DESCRIPTIONS), isDefault=generator.rng.choice([True, False, None])
    )
    return body | {"name": generator.rng.choice(ROLE_NAMES), "permissions": permissions(generator)}


@calls("createRole", 6)
def create_role(generator):
    tenant = generator.tenant()
    body = role_body(generator)
    if len(generator.model.roles) > 60:
        body["permissions"] = {}
    return {"path": (tenant,), "body": body}


@calls("updateRole", 3)
def update_role(generator):
    tenant = generator.tenant()
    return {"path": (tenant, role_of(generator, tenant)), "body": role_body(generator)}


@calls("getRole", 1)
def get_role(generator):
    tenant = generator.tenant()
    return {"path": (tenant, role_of(generator, tenant))}


@calls("deleteRole", 2)
def delete_role(generator):
    tenant = generator.tenant()
    return {"path": (tenant, role_of(generator, tenant))}


@calls("searchRoles", 2)
def search_roles(generator):
    return {"path": (generator.tenant(),), "query": generator.listing("searchRoles")}


@calls("createBinding", 10)
def create_binding(generator):
    tenant = generator.tenant()
    kind = generator.rng.choice(["USER", "USER", "GROUP"])
    subject = generator.user() if kind == "USER" else generator.group(tenant)
    body = {"type": kind, "externalId": subject, "roleId": role_of(generator, tenant)}
    return {"path": (tenant,), "body": body | {"namespaceId": generator.rng.choice(NAMESPACES)}}


@calls("searchBindings", 2)
def search_bindings(generator):
    return {"path": (generator.tenant(),), "query": generator.listing("searchBindings")}


@calls("getBinding", 1)
def get_binding(generator):
    tenant = generator.tenant()
    return {"path": (tenant, binding_of(generator, tenant))}


@calls("deleteBinding", 2)
def delete_binding(generator):
    tenant = generator.tenant()
    return {"path": (tenant, binding_of(generator, tenant))}
