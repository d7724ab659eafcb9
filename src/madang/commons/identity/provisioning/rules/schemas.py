"""What this service provider can do, and which attributes it keeps: RFC 7643 (2015), sections 5 to 8."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from madang.commons.identity.provisioning.contracts import MOST_RESULTS
from madang.commons.identity.provisioning.rules.documents import ENTERPRISE, GROUP, USER

Document = dict[str, Any]


def _attribute(name: str, kind: str = "string", **more: Any) -> Document:
    made = {
        "name": name, "type": kind, "multiValued": False, "required": False, "caseExact": False,
        "mutability": "readWrite", "returned": "default", "uniqueness": "none",
    } | more
    if kind in {"boolean", "complex"}:
        del made["caseExact"]
    return made


def _parts(*names: str, **more: Any) -> list[Document]:
    return [_attribute(name, "boolean" if name == "primary" else "reference" if name == "$ref" else "string", **(
        {"referenceTypes": ["User", "Group"], "caseExact": True} if name == "$ref" else {}
    ), **more) for name in names]


def _schema(uri: str, name: str, description: str, attributes: Sequence[Document]) -> Document:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": uri, "name": name,
        "description": description, "attributes": list(attributes),
    }


SCHEMAS: Final[Mapping[str, Document]] = {
    USER: _schema(USER, "User", "Somebody of staff. Names of people are not kept.", [
        _attribute("userName", required=True, uniqueness="server",
                   description="The e-mail address that somebody signs in with."),
        _attribute("title", description="What records show instead of a name: officer 14."),
        _attribute("preferredLanguage", description="One of ko, en, zh-Hans, ja, vi, th, mn, ru."),
        _attribute("active", "boolean", description="false ends every session and token at once."),
        _attribute("emails", "complex", multiValued=True, mutability="readOnly", description="userName once more.",
                   subAttributes=_parts("value", "type", "primary", mutability="readOnly")),
        _attribute("groups", "complex", multiValued=True, mutability="readOnly", description="Posts.",
                   subAttributes=_parts("value", "$ref", "display", "type", mutability="readOnly")),
    ]),
    ENTERPRISE: _schema(ENTERPRISE, "EnterpriseUser", "Where somebody works.", [
        _attribute("department", required=True, description="In Korean, as the profile's services name it."),
    ]),
    GROUP: _schema(GROUP, "Group", "A post of the city's profile; its members have the post's roles.", [
        _attribute("displayName", required=True, mutability="readOnly", description="The post's name."),
        _attribute("members", "complex", multiValued=True, description="Who holds the post.",
                   subAttributes=_parts("value", "$ref", "display", "type", mutability="immutable")),
    ]),
}


def resource_types(base: str) -> list[Document]:
    """Users and Groups."""
    told: Sequence[tuple[str, str, str, Sequence[str]]] = (
        ("User", "/Users", USER, [ENTERPRISE]), ("Group", "/Groups", GROUP, []),
    )
    return [
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "id": name, "name": name,
            "endpoint": endpoint, "schema": schema,
            "schemaExtensions": [{"schema": one, "required": True} for one in more],
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{name}"},
        }
        for name, endpoint, schema, more in told
    ]


def schemas(base: str) -> list[Document]:
    """Every schema, with where it lies."""
    return [
        one | {"meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{uri}"}} for uri, one in SCHEMAS.items()
    ]


def provider(base: str) -> Document:
    """What works here: filters and patches; no bulk, no sorting, no versions, no passwords."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True}, "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "changePassword": {"supported": False}, "sort": {"supported": False}, "etag": {"supported": False},
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "OAuth Bearer Token", "primary": True,
            "description": "The access token of a client credential with the scope identity.provision_staff.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
        }],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }
