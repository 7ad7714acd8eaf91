// A newsletter on top of OpenSend: the code that the sample tests test. It knows nothing of lookalike.
import { Resend } from "resend";

export class Newsletter {
  constructor(key = process.env.RESEND_API_KEY, baseUrl = process.env.RESEND_BASE_URL) {
    this.resend = new Resend(key, { baseUrl });
  }

  async welcome(email) {
    const mail = { from: "news@example.com", to: email, subject: "Welcome", html: "<p>Good to have you here.</p>" };
    for (let tries = 3; tries > 0; tries -= 1) {
      const { data, error } = await this.resend.emails.send(mail);
      if (!error) return data.id;
      if (error.statusCode < 500) throw new Error(error.message);
    }
    throw new Error("OpenSend is not available");
  }
}
