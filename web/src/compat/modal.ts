/** Modals: widgets that a widget has its client open before the user. */

import type { Answer, IWidgetApiRequestData, Request, Response } from "./envelope.js";
import type { IWidget } from "./widget.js";
import type { WidgetApiFromWidgetAction as From, ModalButtonID, ModalButtonKind } from "./words.js";

/** What a modal is given, beside what it is. */
export interface IModalWidgetCreateData extends IWidgetApiRequestData {}

/** What a modal gives back. */
export interface IModalWidgetReturnData {
  [key: string]: unknown;
}

export interface IModalWidgetOpenRequestDataButton {
  id: ModalButtonID;
  label: string;
  kind: ModalButtonKind | string;
  /** Default: false. */
  disabled?: boolean;
}

// open_modal
export interface IModalWidgetOpenRequestData
  extends IModalWidgetCreateData,
    Omit<IWidget, "id" | "creatorUserId"> {
  buttons?: IModalWidgetOpenRequestDataButton[];
}
export type IModalWidgetOpenRequest = Request<From.OpenModalWidget, IModalWidgetOpenRequestData>;
export type IModalWidgetOpenResponse = Answer;

// close_modal: the modal itself
export type IModalWidgetCloseRequest = Request<From.CloseModalWidget, IModalWidgetReturnData>;
export type IModalWidgetCloseResponse = Answer;

// set_button_enabled
export interface ISetModalButtonEnabledActionRequestData extends IWidgetApiRequestData {
  enabled: boolean;
  button: ModalButtonID;
}
export type ISetModalButtonEnabledActionRequest = Request<
  From.SetModalButtonEnabled,
  ISetModalButtonEnabledActionRequestData
>;
export type ISetModalButtonEnabledActionResponse = Response<
  From.SetModalButtonEnabled,
  ISetModalButtonEnabledActionRequestData
>;
