/** Files of text; that any bytes come back as they went is in files.mjs. */
import assert from "node:assert/strict";

const UPLOAD = "org.matrix.msc4039.upload_file";
const DOWNLOAD = "org.matrix.msc4039.download_file";

export const MEDIA_CASES = [
  {
    action: "org.matrix.msc4039.get_media_config",
    name: "the largest file that the homeserver takes",
    needs: [UPLOAD],
    method: "mediaConfig",
    args: () => [],
    data: () => ({}),
    calls: () => ({ getMediaConfig: [] }),
    result: () => ({ uploadSize: 1_000_000 }),
    bad: [],
  },
  {
    action: UPLOAD,
    name: "a file is uploaded",
    needs: [UPLOAD],
    method: "uploadFile",
    args: () => ["a text"],
    data: () => ({ file: "a text" }),
    calls: () => ({ uploadFile: ["a text"] }),
    answered: ({ content_uri }) => assert.match(content_uri, /^mxc:\/\/demo\.localhost\/.+/),
    result: ({ content_uri }) => content_uri,
    bad: [
      [[], "file"],
      [[null], "file"],
      [[5], "file"],
    ],
  },
  {
    action: DOWNLOAD,
    name: "a file is downloaded",
    needs: [DOWNLOAD],
    before: async ({ page }) => ({ uri: await page.evaluate(() => window.services.media.upload("a text")) }),
    method: "downloadFile",
    args: ({ uri }) => [uri],
    data: ({ uri }) => ({ content_uri: uri }),
    calls: ({ uri }) => ({ downloadFile: [uri] }),
    result: "not looked at: a Blob does not leave its page",
    bad: [
      [[], "contentUri"],
      [[""], "contentUri"],
      [[5], "contentUri"],
    ],
  },
];
