/** What every message of the Widget API has, and how a refusal looks. */

import type { WidgetApiAction, WidgetApiDirection } from "./words.js";

/** What a request carries. */
export interface IWidgetApiRequestData {
  [key: string]: unknown;
}

/** What a request without anything to say carries: `{}`. */
export interface IWidgetApiRequestEmptyData extends IWidgetApiRequestData {}

/** A request as it crosses. */
export interface IWidgetApiRequest {
  api: WidgetApiDirection;
  requestId: string;
  action: WidgetApiAction;
  widgetId: string;
  data: IWidgetApiRequestData;
  /** A copy of `data.visible` in requests of `visibility`, for the widgets of Scalar. */
  // biome-ignore lint/suspicious/noExplicitAny: nobody says what it is
  visible?: any;
}

/** What an answer carries. */
export interface IWidgetApiResponseData {
  [key: string]: unknown;
}

/** What an answer without anything to say carries: `{}`. */
export interface IWidgetApiAcknowledgeResponseData extends IWidgetApiResponseData {}

/** An answer as it crosses: the request with a `response`. */
export interface IWidgetApiResponse extends IWidgetApiRequest {
  response: IWidgetApiResponseData;
}

/** A request of one action. */
export interface Request<A extends WidgetApiAction, D extends IWidgetApiRequestData>
  extends IWidgetApiRequest {
  action: A;
  data: D;
}

/** The answer to a request of one action. */
export interface Response<
  A extends WidgetApiAction,
  D extends IWidgetApiRequestData,
  R extends IWidgetApiResponseData = IWidgetApiAcknowledgeResponseData,
> extends Request<A, D> {
  response: R;
}

/** An answer that is typed without its request. */
export interface Answer<R extends IWidgetApiResponseData = IWidgetApiAcknowledgeResponseData>
  extends IWidgetApiResponse {
  response: R;
}

/** What the homeserver answered to the host, and what the host passes on of it. */
export interface IMatrixApiError {
  http_status: number;
  /** By their names in lower case. */
  http_headers: { [name: string]: string };
  url: string;
  /** Of a standard error; with whatever else the body has. */
  response: { errcode: string; error: string } & IWidgetApiResponseData;
}

/** What an error can have besides its message. */
export interface IWidgetApiErrorResponseDataDetails {
  /** If it was the homeserver that refused. */
  matrix_api_error?: IMatrixApiError;
}

/** What an answer carries that refuses. */
export interface IWidgetApiErrorResponseData extends IWidgetApiResponseData {
  error: {
    /** For people to read. */
    message: string;
  } & IWidgetApiErrorResponseDataDetails;
}

/** An answer that refuses. */
export interface IWidgetApiErrorResponse extends IWidgetApiResponse {
  response: IWidgetApiErrorResponseData;
}
