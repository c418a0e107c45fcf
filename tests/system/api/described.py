# SPDX-License-Identifier: Apache-2.0
"""The description of the interface as a test reads it, and a client that holds every answer against it."""

import http.client
import json
import re
import urllib.parse

import jsonschema

FORMATS = jsonschema.FormatChecker(formats=[])
FORMATS.checks("uuid")(lambda value: not isinstance(value, str) or bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value)))
FORMATS.checks("date-time")(
    lambda value: not isinstance(value, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value)))
FORMATS.checks("uri")(lambda value: not isinstance(value, str) or bool(urllib.parse.urlsplit(value).scheme))


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def code(self):
        return self.json()["code"]


class Operation:
    def __init__(self, document, path, method, described):
        self.document, self.path, self.method, self.described = document, path, method.upper(), described
        self.name, self.role = described["operationId"], described["x-rollcall-role"]
        self.parameters = [document.resolve(parameter) for parameter in described["parameters"]]

    def example_body(self):
        body = self.described.get("requestBody")
        return body and body["content"]["application/json"]["example"]


class Document:
    def __init__(self, content):
        self.content = content
        self.operations = {described["operationId"]: Operation(self, path, method, described)
                           for path, methods in content["paths"].items() for method, described in methods.items()}

    def resolve(self, value):
        """The parameter itself; `ref` remembers what it is called among the components."""
        if "$ref" not in value:
            return {**value, "ref": value["name"]}
        name = value["$ref"].rsplit("/", 1)[1]
        return {**self.content["components"]["parameters"][name], "ref": name}

    def check(self, value, schema):
        """Raises jsonschema.ValidationError."""
        validator = jsonschema.Draft202012Validator({**schema, "components": self.content["components"]}, format_checker=FORMATS)
        validator.validate(value)


class Client:
    """Calls operations by name. Each answer must be one that the description has: status, media type, schema, a problem's code."""

    def __init__(self, document, api, values):
        self.document, self.values = document, values
        self.host = urllib.parse.urlsplit(api).netloc
        self.called = set()

    def target(self, operation, path, query):
        filled = operation.path
        for parameter in operation.parameters:
            if parameter["in"] == "path":
                value = (path or {}).get(parameter["name"], self.values.get(parameter["ref"], parameter["example"]))
                filled = filled.replace("{" + parameter["name"] + "}", urllib.parse.quote(value, safe=""))
        return filled + ("?" + urllib.parse.urlencode(query) if query else "")

    def call(self, name, token, path=None, query=None, headers=None, body=None, raw=None, media="application/json"):
        operation = self.document.operations[name]
        content = raw if raw is not None else json.dumps(body, ensure_ascii=False).encode() if body is not None else None
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = "Bearer " + token
        if content is not None and media:
            sent["Content-Type"] = media
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            connection.request(operation.method, self.target(operation, path, query), body=content, headers=sent)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        self.check(operation, answer)
        self.called.add((name, answer.status))
        return answer

    def check(self, operation, answer):
        described = operation.described["responses"].get(str(answer.status))
        assert described, f"{operation.name} isn't described to answer {answer.status}: {answer.body[:300]!r}"
        media = answer.headers.get_content_type()
        assert media in described["content"], f"{operation.name} {answer.status}: {media}"
        schema = described["content"][media]["schema"]
        self.document.check(answer.json() if media.endswith("json") else answer.body.decode(), schema)
