/** Stickers and files, in the content repository of the homeserver. */

import type { IWidgetApiRequestData, IWidgetApiResponseData, Request, Response } from "./envelope.js";
import type { WidgetApiFromWidgetAction as From } from "./words.js";

/** What is known of a picture: sizes in pixels and bytes. */
interface Picture {
  h?: number;
  w?: number;
  mimetype?: string;
  size?: number;
}

// m.sticker
export interface IStickerActionRequestData extends IWidgetApiRequestData {
  name: string;
  description?: string;
  content: {
    /** A `mxc:` URI. */
    url: string;
    info?: Picture & { thumbnail_info?: Picture };
  };
}
export type IStickerActionRequest = Request<From.SendSticker, IStickerActionRequestData>;
export type IStickerActionResponse = Response<From.SendSticker, IStickerActionRequestData>;

// org.matrix.msc4039.get_media_config
export type IGetMediaConfigActionFromWidgetRequestData = IWidgetApiRequestData;
export type IGetMediaConfigActionFromWidgetActionRequest = Request<
  From.MSC4039GetMediaConfigAction,
  IGetMediaConfigActionFromWidgetRequestData
>;
export interface IGetMediaConfigActionFromWidgetResponseData extends IWidgetApiResponseData {
  /** The most that a file may have, in bytes. */
  "m.upload.size"?: number;
}
export type IGetMediaConfigActionFromWidgetActionResponse = Response<
  From.MSC4039GetMediaConfigAction,
  IGetMediaConfigActionFromWidgetRequestData,
  IGetMediaConfigActionFromWidgetResponseData
>;

// org.matrix.msc4039.upload_file
export interface IUploadFileActionFromWidgetRequestData extends IWidgetApiRequestData {
  file: XMLHttpRequestBodyInit;
}
export type IUploadFileActionFromWidgetActionRequest = Request<
  From.MSC4039UploadFileAction,
  IUploadFileActionFromWidgetRequestData
>;
export interface IUploadFileActionFromWidgetResponseData extends IWidgetApiResponseData {
  /** A `mxc:` URI. */
  content_uri: string;
}
export type IUploadFileActionFromWidgetActionResponse = Response<
  From.MSC4039UploadFileAction,
  IUploadFileActionFromWidgetRequestData,
  IUploadFileActionFromWidgetResponseData
>;

// org.matrix.msc4039.download_file
export interface IDownloadFileActionFromWidgetRequestData extends IWidgetApiRequestData {
  /** A `mxc:` URI. */
  content_uri: string;
}
export type IDownloadFileActionFromWidgetActionRequest = Request<
  From.MSC4039DownloadFileAction,
  IDownloadFileActionFromWidgetRequestData
>;
export interface IDownloadFileActionFromWidgetResponseData extends IWidgetApiResponseData {
  file: XMLHttpRequestBodyInit;
}
export type IDownloadFileActionFromWidgetActionResponse = Response<
  From.MSC4039DownloadFileAction,
  IDownloadFileActionFromWidgetRequestData,
  IDownloadFileActionFromWidgetResponseData
>;
