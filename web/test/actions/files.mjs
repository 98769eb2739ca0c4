/** Files that are uploaded and downloaded again (MSC4039). */
import assert from "node:assert/strict";
import { good, refused } from "../harness.mjs";

const UPLOAD = "org.matrix.msc4039.upload_file";
const DOWNLOAD = "org.matrix.msc4039.download_file";

/** Uploads bytes in some form, downloads them, and tells what came back. */
const thereAndBack = (widget, form) =>
  widget.frame.evaluate(async (form) => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * i + (i >> 8)) & 255);
    const forms = {
      blob: () => new Blob([bytes], { type: "image/png" }),
      file: () => new File([bytes], "name.png", { type: "image/png" }),
      buffer: () => bytes.slice().buffer,
      view: () => bytes.subarray(0),
      "part of a buffer": () => new Uint8Array(bytes.buffer, 3, 1000),
      empty: () => new Blob([]),
    };
    const given = forms[form]();
    return window.outcome(async () => {
      const uri = await window.client.uploadFile(given);
      const file = await window.client.downloadFile(uri);
      const back = new Uint8Array(await file.arrayBuffer());
      const sent = new Uint8Array(await new Response(given).arrayBuffer());
      const same = back.length === sent.length && back.every((byte, i) => byte === sent[i]);
      return { uri, same, size: back.length, type: file.type };
    });
  }, form);

const download = (widget, uri) =>
  widget.frame.evaluate((uri) => window.outcome(() => window.client.downloadFile(uri)), uri);

const SIZES = {
  blob: 70_000,
  file: 70_000,
  buffer: 70_000,
  view: 70_000,
  "part of a buffer": 1000,
  empty: 0,
};

export const FILE_SCENES = [
  {
    name: "the same bytes come back, whatever they are given in",
    asked: [UPLOAD, DOWNLOAD],
    async play(open) {
      const { host, widget } = await open();
      for (const [form, size] of Object.entries(SIZES)) {
        const back = good(await thereAndBack(widget, form));
        const type = form === "blob" || form === "file" ? "image/png" : "";
        assert.deepEqual({ ...back, uri: undefined }, { uri: undefined, same: true, size, type }, form);
      }
      assert.deepEqual((await host.calls("uploadFile"))[0], [{ blob: "image/png", size: 70_000 }]);
      const uris = (await host.calls("downloadFile")).map(([uri]) => uri);
      assert.equal(new Set(uris).size, uris.length);
    },
  },
  {
    name: "a native host gives a file as base64, since nothing but JSON reaches it",
    asked: [DOWNLOAD],
    async play(open) {
      const { page, widget } = await open({ lib: "rust-style" });
      const uri = await page.evaluate(() =>
        window.services.media.upload(new Uint8Array([0, 255, 128, 10, 13])),
      );
      assert.equal(good(await download(widget, uri)), "AP+ACg0=");
    },
  },
  {
    name: "what the homeserver says of a file is passed on: too large, not there, gone",
    asked: [UPLOAD, DOWNLOAD],
    async play(open) {
      const { host, widget } = await open({ expect: [/error while (up|down)loading/] });
      await host.set({ media: { limit: 10 } });
      const large = refused(await widget.call("uploadFile", "more than ten bytes"), "matrix");
      assert.deepEqual([large.httpStatus, large.errcode], [413, "M_TOO_LARGE"]);
      good(await widget.call("uploadFile", "not more"));
      const gone = refused(await download(widget, "mxc://example.org/none"), "matrix");
      assert.deepEqual([gone.httpStatus, gone.errcode], [404, "M_NOT_FOUND"]);
      await host.set({ failures: { uploadFile: "network" } });
      refused(await widget.call("uploadFile", "a"), "host");
      const limit = { errcode: "M_LIMIT_EXCEEDED", error: "Slow down.", retry_after_ms: 1500 };
      await host.set({ failures: { uploadFile: { status: 429, body: limit } } });
      const slow = refused(await widget.call("uploadFile", "a"), "matrix");
      assert.deepEqual([slow.errcode, slow.retryAfterMs], ["M_LIMIT_EXCEEDED", 1500]);
    },
  },
];
