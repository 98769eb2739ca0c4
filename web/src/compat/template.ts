import type { IWidget } from "./widget.js";

/** What the client knows and a widget's URL may ask for. */
export interface ITemplateParams {
  /** The room that the widget is in, or that the user views. */
  widgetRoomId?: string;
  currentUserId: string;
  /** Default: the user's id. */
  userDisplayName?: string;
  /** As an http(s) URL. */
  userHttpAvatarUrl?: string;
  /** The client's name (MSC2873). */
  clientId?: string;
  /** Whether it is light or dark, in the client's own words (MSC2873). */
  clientTheme?: string;
  /** A BCP 47 tag (MSC2873). */
  clientLanguage?: string;
  /** The user's device (MSC3819). */
  deviceId?: string;
  /** The homeserver's client-server API (MSC4039). */
  baseUrl?: string;
}

/**
 * Puts what the client knows, and the members of the widget's data, in the place of the `$variables` of a URL, escaped
 * as a part of it. Where both have a name, what the client knows counts.
 */
export function runTemplate(url: string, widget: IWidget, params: ITemplateParams): string {
  const variables = {
    ...widget.data,
    matrix_room_id: params.widgetRoomId || "",
    matrix_user_id: params.currentUserId,
    matrix_display_name: params.userDisplayName || params.currentUserId,
    matrix_avatar_url: params.userHttpAvatarUrl || "",
    matrix_widget_id: widget.id,
    "org.matrix.msc2873.client_id": params.clientId || "",
    "org.matrix.msc2873.client_theme": params.clientTheme || "",
    "org.matrix.msc2873.client_language": params.clientLanguage || "",
    "org.matrix.msc3819.matrix_device_id": params.deviceId || "",
    "org.matrix.msc4039.matrix_base_url": params.baseUrl || "",
  };
  return Object.entries(variables).reduce(
    // What is put in holds no "$", for it is escaped: it neither means anything to replaceAll nor to a later variable.
    (result, [name, value]) => result.replaceAll(`$${name}`, encodeURIComponent(toString(value))),
    url,
  );
}

/** Anything as text; null and undefined as their names. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the original exports it under this name
export function toString(a: unknown): string {
  return String(a);
}
