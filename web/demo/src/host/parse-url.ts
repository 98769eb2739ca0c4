/** Reads the address of a homeserver that a person has typed. */

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

/** A base URL that ends with a slash, or what is wrong with it, in a sentence. */
export function parseBaseUrl(text: string): { baseUrl: string } | { wrong: string } {
  const typed = text.trim();
  if (typed === "") return { wrong: "The homeserver's URL is missing." };
  let url: URL;
  try {
    url = new URL(typed);
  } catch {
    return { wrong: "That is no URL: write the whole of it, such as https://matrix.example.org." };
  }
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return { wrong: "The homeserver's URL must begin with https:// (or http:// on this machine)." };
  // The module in the widget insists on it as well: what goes there is as secret as a login.
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname))
    return { wrong: "Over http:// only a homeserver on this machine can be used: write https://." };
  if (url.username || url.password)
    return { wrong: "The URL must not hold a user name or a password: there are fields for them." };
  if (url.search || url.hash)
    return { wrong: "The URL must end where the homeserver's paths begin, without ? and #." };
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return { baseUrl: url.href };
}
