import { type ITemplateParams, runTemplate } from "./template.js";
import type { WidgetType } from "./words.js";

/** What a widget's definition says of its content; further members can be used in its URL. */
export interface IWidgetData {
  /** What the user reads beside the widget's name. */
  title?: string;
  [key: string]: unknown;
}

/** The data of an `m.custom` widget. */
export interface ICustomWidgetData extends IWidgetData {
  /** What is loaded, where the widget's URL is not exactly that. */
  url?: string;
}

/** The data of an `m.jitsi` widget. */
export interface IJitsiWidgetData extends IWidgetData {
  /** Where the conference is held. */
  domain: string;
  /** Its name there. */
  conferenceId: string;
  /** Default: false, with video. */
  isAudioOnly?: boolean;
}

/** The data of an `m.stickerpicker` widget. */
export interface IStickerpickerWidgetData extends IWidgetData {}

/** A widget's definition, as rooms and account data hold it. */
export interface IWidget {
  id: string;
  /** The user who added the widget. */
  creatorUserId: string;
  name?: string;
  type: WidgetType;
  /** With `$variables`; see {@link runTemplate}. */
  url: string;
  /** Whether the client speaks first, when the iframe has loaded (default); else it waits for `content_loaded`. */
  waitForIframeLoad?: boolean;
  data?: IWidgetData;
}

/**
 * Nothing if the object has the member, and it is not empty.
 *
 * @throws {Error} Else, naming the member.
 */
// biome-ignore lint/suspicious/noExplicitAny: any object will do
export function assertPresent<O extends Record<any, any>>(obj: O, key: keyof O): void {
  if (!obj[key]) throw new Error(`${String(key)} is required`);
}

/** A widget's definition, with defaults. */
export class Widget {
  /** @throws {Error} If the definition lacks its id, creator, type or URL. */
  constructor(private readonly definition: IWidget) {
    if (!definition) throw new Error("Definition is required");
    for (const key of ["id", "creatorUserId", "type", "url"] as const) assertPresent(definition, key);
  }

  /** The user who added the widget. */
  get creatorUserId(): string {
    return this.definition.creatorUserId;
  }

  get type(): WidgetType {
    return this.definition.type;
  }

  get id(): string {
    return this.definition.id;
  }

  get name(): string | null {
    return this.definition.name || null;
  }

  get title(): string | null {
    return this.rawData.title || null;
  }

  /** The URL with its variables. */
  get templateUrl(): string {
    return this.definition.url;
  }

  /** @throws {TypeError} If the URL is none. */
  get origin(): string {
    return new URL(this.templateUrl).origin;
  }

  get waitForIframeLoad(): boolean {
    return this.definition.waitForIframeLoad !== false;
  }

  /** Empty where the definition has none. */
  get rawData(): IWidgetData {
    return this.definition.data || {};
  }

  /** The URL to load. */
  getCompleteUrl(params: ITemplateParams): string {
    return runTemplate(this.templateUrl, this.definition, params);
  }
}
