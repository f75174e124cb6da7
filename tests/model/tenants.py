"""The rules for tenants."""
import re

from call import SUPER_ADMINS, operation
from listing import TENANT_COLUMNS, Refusal
from world import Tenant, World

TENANT_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")


def tidy(value):
    if isinstance(value, dict):
        return {name: tidy(item) for name, item in value.items() if item is not None}
    return [tidy(item) for item in value] if isinstance(value, list) else value


class Tenants(World):
    def tenant(self, tenant):
        if tenant not in self.tenants:
            raise Refusal(404, tenant)

    def set_tenant(self, call, tenant):
        """Keeps the other members of the body as they are, but without nulls."""
        rest = {n: v for n, v in call.body.items() if n not in ("id", "name", "deleted")}
        self.tenants[tenant] = Tenant(call.get("name"), tidy(rest))
        return 200, self.tenant_details(tenant)

    @operation("create_2", "POST", "/tenants", SUPER_ADMINS)
    def create_tenant(self, call):
        fields = {".request.id": TENANT_ID.fullmatch(call.get("id"))}
        fields[".request.name"] = call.get("name").strip()
        wrong = [path for path, right in fields.items() if not right]
        if wrong:
            raise Refusal(422, paths=call.paths(*wrong))
        if call.get("id") in self.tenants:
            raise Refusal(409, call.get("id"))
        self.add_managed_roles(call.get("id"))
        return self.set_tenant(call, call.get("id"))

    @operation("find", "GET", "/tenants/search", SUPER_ADMINS)
    def find_tenants(self, call):
        return self.page_of(call, self.tenant_rows(), TENANT_COLUMNS, self.tenant_details)

    @operation("get_3", "GET", "/tenants/{id}", SUPER_ADMINS)
    def get_tenant(self, call, tenant):
        self.tenant(tenant)
        return 200, self.tenant_details(tenant)

    @operation("update_2", "PUT", "/tenants/{id}", SUPER_ADMINS)
    def update_tenant(self, call, tenant):
        if not call.get("name").strip():
            raise Refusal(422, paths=call.paths(".request.name"))
        if call.get("id") not in (None, tenant):
            raise Refusal(422, paths=call.paths(".request.id"))
        self.tenant(tenant)
        return self.set_tenant(call, tenant)

    @operation("delete_2", "DELETE", "/tenants/{id}", SUPER_ADMINS)
    def delete_tenant(self, call, tenant):
        """Also deletes everything in the tenant."""
        self.tenant(tenant)
        del self.tenants[tenant]
        self.drop(self.access, lambda key: key[1] == tenant)
        self.drop(self.groups, lambda key: key[0] == tenant)
        self.drop(self.memberships, lambda key: key[1] == tenant)
        self.drop(self.roles, lambda key: key[0] == tenant)
        self.drop(self.bindings, lambda key: key[0] == tenant)
        return 204, None
