"""A service that speaks to api.autosend.com and to nothing else; put your own in its place."""

import json
from urllib.request import Request, urlopen

contact = {"email": "ann@example.com", "firstName": "Ann"}
headers = {"Authorization": "Bearer AS_any", "Content-Type": "application/json"}
request = Request("https://api.autosend.com/v1/contacts", json.dumps(contact).encode(), headers)
with urlopen(request, timeout=10) as answer:
    print(json.load(answer)["data"]["email"])
