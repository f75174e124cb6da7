"""The rules for roles and bindings, and what they permit."""
import dataclasses
import pathlib
import sys

from call import SUPER_ADMINS, operation
from listing import BINDING_COLUMNS, ROLE_COLUMNS, Refusal
from world import World, without_nulls

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "schema"
sys.path.insert(0, str(SCHEMA))
import contract  # noqa: E402
import contract_files  # noqa: E402

DOCUMENTS = contract_files.documents_of(
    contract_files.load(SCHEMA / "openapi"), contract_files.read_versions(SCHEMA / "versions.yaml")
)
PERMISSIONS = contract.read_permissions(SCHEMA / "permissions.yaml")


def needed(version):
    """Returns {operation id: (the permissions of which one is enough, whether group owners may too)}."""
    nodes = (n for item in DOCUMENTS[version].get("paths", {}).values() for n in item.values())
    found = {}
    for node in nodes:
        names = node.get("x-permission", [])
        names = [names] if isinstance(names, str) else names
        found[node["operationId"]] = set(names), node.get("x-group-owners", False)
    return found


@dataclasses.dataclass
class Role:
    name: str
    permissions: dict
    description: str = None
    is_default: bool = False
    is_managed: bool = False


@dataclasses.dataclass
class Binding:
    type: str
    subject: str
    role: str
    namespace: str = None


class Roles(World):
    def add_managed_roles(self, tenant):
        for template in PERMISSIONS.document["templates"]:
            permissions = {}
            for resource, actions in self.resources().items():
                word = PERMISSIONS.word(template, resource, actions)
                names = [a for i, a in enumerate(PERMISSIONS.actions) if word >> i & 1]
                permissions |= {resource: names} if names else {}
            role = Role(template.capitalize(), permissions, is_managed=True)
            self.roles[tenant, f"{template.lower()}_{tenant}"] = role

    def resources(self):
        return PERMISSIONS.resources(self.version.permissions)

    def rights_of(self, permissions):
        """Returns what a role's permissions mean, as a set of texts such as GROUP:VIEW."""
        old = PERMISSIONS.document["vocabularies"][self.version.permissions]["old"]
        known = self.resources()
        return {
            f"{resource}:{action}"
            for resource, actions in permissions.items()
            for name in actions
            for action in old.get(name, [name])
            if action in known[resource]
        }

    def bindings_of(self, user, tenant):
        """Yields (id, binding, group) of a user's own bindings, then of the groups' in their order."""
        mine = [(key[1], b) for key, b in self.bindings.items() if key[0] == tenant]
        yield from ((id, b, None) for id, b in mine if (b.type, b.subject) == ("USER", user))
        groups = [key[1] for key in self.groups if key[0] == tenant]
        for group in groups:
            if (user, tenant, group) in self.memberships:
                yield from ((id, b, group) for id, b in mine if (b.type, b.subject) == ("GROUP", group))

    def rights(self, user, tenant):
        found = set()
        for _, binding, _ in self.bindings_of(user, tenant):
            if binding.namespace is None:
                found |= self.rights_of(self.roles[tenant, binding.role].permissions)
        return found

    def is_permitted(self, user, tenant, operation_id):
        permissions, _ = self.needed[operation_id]
        return self.users[user].super_admin or bool(permissions & self.rights(user, tenant))

    def role_assignments(self, user, tenant):
        member = "permission" if self.version.lists_resources else "resource"
        return [
            without_nulls(
                id=b.role,
                name=self.roles[tenant, b.role].name,
                namespace=b.namespace,
                origin="GROUP" if group else "BINDING",
                sourceId=group or id,
                permissions=[
                    {member: resource, "actions": actions}
                    for resource, actions in self.roles[tenant, b.role].permissions.items()
                ],
            )
            for id, b, group in self.bindings_of(user, tenant)
        ]

    # Roles

    def role(self, tenant, role_id):
        if (tenant, role_id) not in self.roles:
            raise Refusal(404, role_id)
        return self.roles[tenant, role_id]

    def role_details(self, tenant, role_id):
        role = self.roles[tenant, role_id]
        return without_nulls(
            id=role_id,
            name=role.name,
            description=role.description,
            permissions=role.permissions,
            isDefault=role.is_default,
            isManaged=role.is_managed,
        )

    def role_summary(self, tenant, role_id):
        role = self.roles[tenant, role_id]
        count = len({right.split(":")[0] for right in self.rights_of(role.permissions)})
        return {
            "id": role_id,
            "name": role.name,
            "isDefault": role.is_default,
            "isManaged": role.is_managed,
        } | ({"permissionCount": count} if self.version.counts_permissions else {})

    def read_role(self, call):
        if call.get("name") == "":
            raise Refusal(422, paths=call.paths(".request.name"))
        permissions, known = call.get("permissions"), self.resources()
        wrong = [f".request.permissions.{r}" for r in permissions if r not in known]
        old = PERMISSIONS.document["vocabularies"][self.version.permissions]["old"]
        for resource, actions in permissions.items():
            for i, action in enumerate(actions if resource in known else []):
                if not set(old.get(action, [action])) & set(known[resource]):
                    wrong.append(f".request.permissions.{resource}[{i}]")
        if not wrong and not any(permissions.values()):
            wrong = [".request.permissions"]
        if wrong:
            raise Refusal(422, paths=call.paths(*wrong))
        return Role(call.get("name"), permissions, call.get("description"), bool(call.get("isDefault")))

    def put_role(self, call, tenant, role_id, role):
        if role.is_default:
            for key, other in self.roles.items():
                other.is_default = other.is_default and key[0] != tenant
        self.roles[tenant, role_id] = role
        return 200, self.role_details(tenant, role_id)

    def exceeds_rights(self, call, tenant, role):
        is_super_admin = self.users[call.caller].super_admin
        return not is_super_admin and self.rights_of(role.permissions) - self.rights(call.caller, tenant)

    @operation("createRole", "POST", "/{tenant}/roles", SUPER_ADMINS)
    def create_role(self, call, tenant):
        role = self.read_role(call)
        if self.exceeds_rights(call, tenant, role):
            raise Refusal(403)
        return self.put_role(call, tenant, call.made, role)

    @operation("searchRoles", "GET", "/{tenant}/roles/search", SUPER_ADMINS)
    def search_roles(self, call, tenant):
        rows = [
            (id, {"id": id, "name": role.name, "description": role.description})
            for (there, id), role in self.roles.items()
            if there == tenant
        ]
        return self.page_of(call, rows, ROLE_COLUMNS, lambda id: self.role_summary(tenant, id))

    @operation("getRole", "GET", "/{tenant}/roles/{id}", SUPER_ADMINS)
    def get_role(self, call, tenant, role_id):
        self.role(tenant, role_id)
        return 200, self.role_details(tenant, role_id)

    @operation("updateRole", "PUT", "/{tenant}/roles/{id}", SUPER_ADMINS)
    def update_role(self, call, tenant, role_id):
        role = self.read_role(call)
        if self.role(tenant, role_id).is_managed or self.exceeds_rights(call, tenant, role):
            raise Refusal(403)
        return self.put_role(call, tenant, role_id, role)

    @operation("deleteRole", "DELETE", "/{tenant}/roles/{id}", SUPER_ADMINS)
    def delete_role(self, call, tenant, role_id):
        if self.role(tenant, role_id).is_managed:
            raise Refusal(403)
        del self.roles[tenant, role_id]
        self.drop_bindings(lambda key, binding: key[0] == tenant and binding.role == role_id)
        return 204, None

    # Bindings

    def drop_bindings(self, matches):
        for key in [key for key, binding in self.bindings.items() if matches(key, binding)]:
            del self.bindings[key]

    def binding_details(self, tenant, binding_id):
        binding = self.bindings[tenant, binding_id]
        shown = without_nulls(
            id=binding_id,
            type=binding.type,
            namespace=binding.namespace,
            role={"id": binding.role, "name": self.roles[tenant, binding.role].name},
        )
        if binding.type == "USER":
            return shown | {"user": self.brief(binding.subject) | {"type": "STANDARD"}}
        group = self.groups[tenant, binding.subject]
        return shown | {"group": {"id": binding.subject, "name": group.name}}

    @operation("createBinding", "POST", "/{tenant}/bindings", SUPER_ADMINS)
    def create_binding(self, call, tenant):
        binding = Binding(*(call.get(name) for name in ("type", "externalId", "roleId", "namespaceId")))
        self.role(tenant, binding.role)
        if binding.type == "USER":
            self.user(binding.subject)
        else:
            self.group(tenant, binding.subject)
        if any(key[0] == tenant and other == binding for key, other in self.bindings.items()):
            raise Refusal(409, binding.subject)
        self.bindings[tenant, call.made] = binding
        return 200, self.binding_details(tenant, call.made)

    @operation("searchBindings", "GET", "/{tenant}/bindings/search", SUPER_ADMINS)
    def search_bindings(self, call, tenant):
        rows = [
            (id, {"type": b.type, "namespace": b.namespace, "id": b.subject, "role": b.role})
            for (there, id), b in self.bindings.items()
            if there == tenant
        ]
        return self.page_of(call, rows, BINDING_COLUMNS, lambda id: self.binding_details(tenant, id))

    @operation("getBinding", "GET", "/{tenant}/bindings/{id}", SUPER_ADMINS)
    def get_binding(self, call, tenant, binding_id):
        if (tenant, binding_id) not in self.bindings:
            raise Refusal(404, binding_id)
        return 200, self.binding_details(tenant, binding_id)

    @operation("deleteBinding", "DELETE", "/{tenant}/bindings/{id}", SUPER_ADMINS)
    def delete_binding(self, call, tenant, binding_id):
        if (tenant, binding_id) not in self.bindings:
            raise Refusal(404, binding_id)
        del self.bindings[tenant, binding_id]
        return 204, None
