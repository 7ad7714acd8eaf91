"""Without pytest: `python -m unittest`. The sandbox lasts as long as the test."""

import unittest

import requests

from lookalike.testing import Sandbox


class NewsletterTest(unittest.TestCase):
    def setUp(self):
        self.lookalike = self.enterContext(Sandbox())

    def test_a_contact(self):
        account = self.lookalike.autosend
        headers = {"Authorization": f"Bearer {account.key}"}
        requests.post(f"{account.url}/contacts", json={"email": "ann@example.com"}, headers=headers, timeout=10)
        self.lookalike.expect.request("autosend", "create_contact", status=200, count=1)


class WithoutSocketTest(unittest.TestCase):
    """Nothing listens; the session's requests for the vendors' real host names are answered in this process."""

    def setUp(self):
        self.lookalike = self.enterContext(Sandbox(socket=False, fixture="demo"))
        self.session = self.enterContext(requests.Session())
        self.lookalike.mount(self.session)

    def test_the_real_host_name(self):
        self.session.headers["Authorization"] = f"Bearer {self.lookalike.autosend.key}"
        found = self.session.get("https://api.autosend.com/v1/contact-lists", timeout=10).json()
        assert "Customers" in [one["name"] for one in found["data"]["lists"]]
