/** The media repository of a homeserver. */
import { MatrixHttpError } from "../../../../demo/src/host/homeserver-client.js";

export class Media {
  /** The largest file that it takes, in bytes. */
  limit = 1_000_000;
  readonly #files = new Map<string, Blob>();

  constructor(private readonly serverName: string) {}

  async upload(file: XMLHttpRequestBodyInit): Promise<string> {
    // What fetch makes of a body is what a homeserver would get.
    const blob = await new Response(file as BodyInit).blob();
    if (blob.size > this.limit) throw refusal(413, "M_TOO_LARGE", "The file is too large.");
    const uri = `mxc://${this.serverName}/${crypto.randomUUID()}`;
    this.#files.set(uri, blob);
    return uri;
  }

  download(uri: string): Blob {
    const file = this.#files.get(uri);
    if (!file) throw refusal(404, "M_NOT_FOUND", "There is no such file.");
    return file;
  }
}

function refusal(status: number, errcode: string, error: string): MatrixHttpError {
  return new MatrixHttpError(status, {}, "_matrix/media/v3", { errcode, error });
}
