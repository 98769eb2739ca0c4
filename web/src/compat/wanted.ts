import { SturdyEmitter } from "./emitter.js";
import {
  type Capability,
  EventDirection,
  MatrixCapabilities,
  type Symbols,
  WidgetEventCapability,
} from "./exports.js";

/** What a widget asks its host to allow, and what it has been allowed. */
export abstract class WantedCapabilities extends SturdyEmitter {
  /** In the order in which they were asked for. */
  protected readonly wanted: Capability[] = [];
  /** As the host last told; undefined as long as it has not, or where it never does. */
  protected approved?: readonly Capability[];
  /** Whether asking is too late. */
  protected abstract readonly settled: boolean;

  /** Whether the host has approved it, as it last said; before it has said anything, whether it was asked for. */
  hasCapability(capability: Capability): boolean {
    return (this.approved ?? this.wanted).includes(capability);
  }

  /**
   * Asks for a capability: with the negotiation, or after it with {@link WidgetApi.updateRequestedCapabilities}.
   *
   * @throws {Error} After the negotiation, where the host cannot be asked for more (MSC2974).
   */
  requestCapability(capability: Capability): void {
    if (this.settled) throw new Error("Capabilities have already been negotiated");
    this.wanted.push(capability);
  }

  /** The same for several. */
  requestCapabilities(capabilities: Capability[]): void {
    for (const capability of capabilities) this.requestCapability(capability);
  }

  /** To reach a room beside the one that the user views; `Symbols.AnyRoom` for all (MSC2762). */
  requestCapabilityForRoomTimeline(roomId: string | Symbols.AnyRoom): void {
    this.requestCapability(`org.matrix.msc2762.timeline:${roomId}`);
  }

  /** To send state events of a type; without a key, any key. */
  requestCapabilityToSendState(eventType: string, stateKey?: string): void {
    this.#request(WidgetEventCapability.forStateEvent(EventDirection.Send, eventType, stateKey));
  }

  /** To receive state events of a type; without a key, any key. */
  requestCapabilityToReceiveState(eventType: string, stateKey?: string): void {
    this.#request(WidgetEventCapability.forStateEvent(EventDirection.Receive, eventType, stateKey));
  }

  /** To send to-device messages of a type (MSC3819). */
  requestCapabilityToSendToDevice(eventType: string): void {
    this.#request(WidgetEventCapability.forToDeviceEvent(EventDirection.Send, eventType));
  }

  /** To receive to-device messages of a type (MSC3819). */
  requestCapabilityToReceiveToDevice(eventType: string): void {
    this.#request(WidgetEventCapability.forToDeviceEvent(EventDirection.Receive, eventType));
  }

  /** To send room events of a type. */
  requestCapabilityToSendEvent(eventType: string): void {
    this.#request(WidgetEventCapability.forRoomEvent(EventDirection.Send, eventType));
  }

  /** To receive room events of a type. */
  requestCapabilityToReceiveEvent(eventType: string): void {
    this.#request(WidgetEventCapability.forRoomEvent(EventDirection.Receive, eventType));
  }

  /** To send messages of the msgtype; see {@link WidgetEventCapability.forRoomMessageEvent}. */
  requestCapabilityToSendMessage(msgtype?: string): void {
    this.#request(WidgetEventCapability.forRoomMessageEvent(EventDirection.Send, msgtype));
  }

  /** To receive messages of the msgtype; see {@link WidgetEventCapability.forRoomMessageEvent}. */
  requestCapabilityToReceiveMessage(msgtype?: string): void {
    this.#request(WidgetEventCapability.forRoomMessageEvent(EventDirection.Receive, msgtype));
  }

  /** To read room account data of a type. */
  requestCapabilityToReceiveRoomAccountData(eventType: string): void {
    this.#request(WidgetEventCapability.forRoomAccountData(EventDirection.Receive, eventType));
  }

  /** To get a token for a LiveKit SFU (MSC4533). */
  requestCapabilityToGetRtcLivekitToken(): void {
    this.requestCapability(MatrixCapabilities.MSC4533RtcLivekitGetToken);
  }

  /** To hand a delayed leave over to the server (MSC4533). */
  requestCapabilityToDelegateRtcLivekitDelayedLeave(): void {
    this.requestCapability(MatrixCapabilities.MSC4533RtcLivekitDelegateDelayedLeave);
  }

  #request({ raw }: WidgetEventCapability): void {
    this.requestCapability(raw);
  }
}
