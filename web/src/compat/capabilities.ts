import { capability as helpers } from "../index.js";
import type { Symbols } from "./words.js";

/**
 * The capabilities that are allowed or not as a whole. A name that begins with an MSC's number may change with the MSC;
 * {@link WidgetEventCapability} makes those of single types of events.
 */
export enum MatrixCapabilities {
  Screenshots = "m.capability.screenshot",
  StickerSending = "m.sticker",
  AlwaysOnScreen = "m.always_on_screen",
  /** @deprecated Only Element knows it, and may forget it: whoever must not be opened outside should tell Element so. */
  RequiresClient = "io.element.requires_client",
  MSC2931Navigate = "org.matrix.msc2931.navigate",
  MSC3846TurnServers = "town.robin.msc3846.turn_servers",
  MSC3973UserDirectorySearch = "org.matrix.msc3973.user_directory_search",
  MSC4039UploadFile = "org.matrix.msc4039.upload_file",
  MSC4039DownloadFile = "org.matrix.msc4039.download_file",
  MSC4157SendDelayedEvent = "org.matrix.msc4157.send.delayed_event",
  MSC4157UpdateDelayedEvent = "org.matrix.msc4157.update_delayed_event",
  MSC4407SendStickyEvent = "org.matrix.msc4407.send.sticky_event",
  MSC4407ReceiveStickyEvent = "org.matrix.msc4407.receive.sticky_event",
  MSC4515RtcTransports = "org.matrix.msc4515.rtc_transports",
  MSC4533RtcLivekitGetToken = "org.matrix.msc4533.rtc_livekit_get_token",
  MSC4533RtcLivekitDelegateDelayedLeave = "org.matrix.msc4533.rtc_livekit_delegate_delayed_leave",
}

/** A capability as it stands on the wire, known here or not. */
export type Capability = MatrixCapabilities | string;

/** What a sticker picker needs. */
export const StickerpickerCapabilities: Capability[] = [MatrixCapabilities.StickerSending];

/** What a video conference needs. */
export const VideoConferenceCapabilities: Capability[] = [MatrixCapabilities.AlwaysOnScreen];

const anyRoom = helpers.timeline("*");
const timeline = anyRoom.slice(0, -1);

/** Whether a capability is one for a room beside the one the user views, or for any. */
export function isTimelineCapability(capability: Capability): boolean {
  return capability?.startsWith(timeline);
}

/** Whether a capability is the one for this room; {@link Symbols.AnyRoom} is a room of its own here. */
export function isTimelineCapabilityFor(capability: Capability, roomId: string | Symbols.AnyRoom): boolean {
  return capability === timeline + roomId;
}

/** The room of a timeline capability: what follows the first colon, whatever the capability. */
export function getTimelineRoomIDFromCapability(capability: Capability): string {
  return capability.slice(capability.indexOf(":") + 1);
}
