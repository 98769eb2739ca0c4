/**
 * The to-device messages of a homeserver. Every host page of a browser is a device of its own, known by its user and device
 * id; what one sends reaches those that it is for.
 */
import type { ClientWidgetApi } from "matrix-widget-api";

export type ToDeviceMessage = Parameters<ClientWidgetApi["feedToDevice"]>[0];
export type Messages = Record<string, Record<string, object>>;

interface Letter {
  userId: string;
  /** `*` is all of the user's. */
  deviceId: string;
  message: ToDeviceMessage;
  encrypted: boolean;
}

export class ToDevice {
  /** What came for this device. */
  readonly received: Letter[] = [];
  /** Hands it to the widget. */
  deliver: (message: ToDeviceMessage, encrypted: boolean) => void = () => {};
  /** Devices that get nothing, by user. */
  unreachable: Record<string, string[]> = {};
  readonly #mail = new BroadcastChannel("to-device");

  constructor(
    private readonly userId: string,
    private readonly deviceId: string,
  ) {
    this.#mail.onmessage = ({ data }) => this.#receive(data);
  }

  /** Returns whom it could not reach. */
  send(type: string, encrypted: boolean, messages: Messages): Record<string, string[]> {
    const failures: Record<string, string[]> = {};
    for (const [userId, devices] of Object.entries(messages)) {
      for (const [deviceId, content] of Object.entries(devices)) {
        if (this.unreachable[userId]?.includes(deviceId)) {
          failures[userId] = [...(failures[userId] ?? []), deviceId];
          continue;
        }
        const message = { type, sender: this.userId, content: JSON.parse(JSON.stringify(content)) };
        const letter = { userId, deviceId, message, encrypted };
        this.#mail.postMessage(letter); // to all pages but this
        this.#receive(letter);
      }
    }
    return failures;
  }

  #receive(letter: Letter): void {
    if (letter.userId !== this.userId || ![this.deviceId, "*"].includes(letter.deviceId)) return;
    this.received.push(letter);
    this.deliver(letter.message, letter.encrypted);
  }
}
