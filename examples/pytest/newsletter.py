"""A newsletter on top of AutoSend: the code that the sample tests test. It knows nothing of lookalike."""

import os
import time

import requests

TRIES = 3


class Unavailable(Exception):
    """AutoSend did not answer as it should, even when asked again."""


class Newsletter:
    def __init__(self, sleep=time.sleep, timeout=10.0):
        self._url = os.environ["AUTOSEND_BASE_URL"]
        self._headers = {"Authorization": f"Bearer {os.environ['AUTOSEND_API_KEY']}"}
        self._sleep = sleep
        self._timeout = timeout

    def sign_up(self, email, name, plan="free"):
        """Add a reader and send the welcome; False for one who is known already."""
        reader = {"email": email, "firstName": name, "customFields": {"plan": plan}}
        if self._post("/contacts", reader, known=409).status_code == 409:
            return False
        self.send(email, f"Welcome, {name}", "<p>Good to have you here.</p>")
        return True

    def send(self, email, subject, html):
        """Send one reader one mail."""
        sender = {"email": "news@example.com"}
        self._post("/mails/send", {"from": sender, "to": {"email": email}, "subject": subject, "html": html})

    def readers(self):
        """Everybody's address, page by page."""
        page, more = 1, True
        while more:
            wanted = {"contactListId": "GLOBAL_CONTACT_LIST", "page": page, "limit": 25}
            found = self._post("/contact-lists/contacts/search", wanted).json()["data"]
            yield from (reader["email"] for reader in found["contacts"])
            page, more = page + 1, page < found["pagination"]["pages"]

    def tell(self, url):
        """Have AutoSend tell another service of every new reader."""
        self._post("/webhooks", {"name": "new readers", "url": url, "events": ["contact.created"]})

    def _post(self, path, body, known=None):
        for _ in range(TRIES):
            try:
                answer = requests.post(self._url + path, json=body, headers=self._headers, timeout=self._timeout)
            except requests.RequestException:
                continue
            if answer.status_code == 429:
                self._sleep(float(answer.headers["Retry-After"]))
            elif answer.ok or answer.status_code == known:
                return answer
            elif answer.status_code < 500:
                answer.raise_for_status()
        raise Unavailable(path)
