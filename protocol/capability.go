package protocol

import "strings"

// Capability strings and prefixes (MSC2762, MSC4157, MSC4407, wire.md §3.6).
const (
	CapSendEvent    = "org.matrix.msc2762.send.event:"
	CapReceiveEvent = "org.matrix.msc2762.receive.event:"
	CapSendState    = "org.matrix.msc2762.send.state_event:"
	CapReceiveState = "org.matrix.msc2762.receive.state_event:"
	CapTimeline     = "org.matrix.msc2762.timeline:"

	CapSendDelayed         = "org.matrix.msc4157.send.delayed_event"
	CapUpdateDelayed       = "org.matrix.msc4157.update_delayed_event"
	CapUpdateDelayedDotted = "org.matrix.msc4157.update.delayed_event"
	CapSendSticky          = "org.matrix.msc4407.send.sticky_event"

	CapReceiveAccountData = "com.beeper.capabilities.receive.room_account_data:"
	CapSendToDevice       = "org.matrix.msc3819.send.to_device:"
	CapNavigate           = "org.matrix.msc2931.navigate"
	CapTURNServers        = "town.robin.msc3846.turn_servers"
	CapUserDirectory      = "org.matrix.msc3973.user_directory_search"
	CapUploadFile         = "org.matrix.msc4039.upload_file"
	CapDownloadFile       = "org.matrix.msc4039.download_file"
	CapRTCTransports      = "org.matrix.msc4515.rtc_transports"
	CapLivekitToken       = "org.matrix.msc4533.rtc_livekit_get_token"
	CapDelegateLeave      = "org.matrix.msc4533.rtc_livekit_delegate_delayed_leave"

	// AnyRoom stands for every room in a timeline capability.
	AnyRoom = "*"
)

// messageType is the one room event type whose capability can carry a msgtype.
const messageType = "m.room.message"

// escapeType writes a type so that the "#" before a state key stays the first
// bare one. State keys are not escaped (matrix-widget-api WidgetEventCapability).
func escapeType(eventType string) string {
	before, after, found := strings.Cut(eventType, "#")
	if !found {
		return eventType
	}
	return before + `\#` + escapeType(after)
}

// StateCapability returns prefix for an event type and state key, as in
// CapSendState + "m.room.topic#". Without a key it covers every key.
func StateCapability(prefix, eventType string, key *string) string {
	if key == nil {
		return prefix + escapeType(eventType)
	}
	return prefix + escapeType(eventType) + "#" + *key
}

// EventCapability returns prefix for a room event type; msgtype counts for
// m.room.message only, and "" there covers every msgtype.
func EventCapability(prefix, eventType, msgtype string) string {
	if eventType == messageType && msgtype != "" {
		return prefix + messageType + "#" + msgtype
	}
	return prefix + eventType
}

// Grants is the set of capabilities a host has approved.
type Grants map[string]struct{}

// NewGrants makes the set of a list.
func NewGrants(list []string) Grants {
	g := make(Grants, len(list))
	for _, c := range list {
		g[c] = struct{}{}
	}
	return g
}

// Has reports whether the capability itself was approved.
func (g Grants) Has(capability string) bool {
	_, ok := g[capability]
	return ok
}

// Timeline reports whether events of the room may be reached.
func (g Grants) Timeline(roomID string) bool {
	return g.Has(CapTimeline+roomID) || g.Has(CapTimeline+AnyRoom)
}

// SendEvent returns "" when the event may be sent, else the narrowest
// capability that would allow it. The state key is Absent for a room event.
func (g Grants) SendEvent(eventType string, stateKey *Value, msgtype string) (missing string) {
	return g.event(CapSendState, CapSendEvent, eventType, stateKey, msgtype)
}

// event is [Grants.SendEvent] for either direction. A state key that is no text
// stands for every key.
func (g Grants) event(state, event, eventType string, stateKey *Value, msgtype string) (missing string) {
	wide, narrow := event+eventType, ""
	switch stateKey.Kind {
	case Absent:
		narrow = EventCapability(event, eventType, msgtype)
	case Text:
		narrow = StateCapability(state, eventType, &stateKey.Str)
		wide = StateCapability(state, eventType, nil)
	default:
		wide = StateCapability(state, eventType, nil)
		narrow = wide
	}
	if g.Has(narrow) || g.Has(wide) {
		return ""
	}
	return narrow
}

// Capabilities that the core asks for nothing by, but the page may (MSC3819,
// MSC4407, wire.md §3.6).
const (
	CapReceiveToDevice = "org.matrix.msc3819.receive.to_device:"
	CapReceiveSticky   = "org.matrix.msc4407.receive.sticky_event"
	CapScreenshot      = "m.capability.screenshot"
	CapSticker         = "m.sticker"
	CapAlwaysOnScreen  = "m.always_on_screen"
	CapRequiresClient  = "io.element.requires_client"
	CapVisibility      = "visibility"

	// CapSendStickyFormer is what matrix-widget-api 1.15.0 called CapSendSticky.
	CapSendStickyFormer = "org.matrix.msc4354.send_sticky_event"
)

// CapabilityName is a capability string or prefix and the word that the page's
// helpers know it by.
type CapabilityName struct{ Word, Text string }

// CapabilityNames lists every capability that can be asked for.
func CapabilityNames() []CapabilityName {
	return []CapabilityName{
		{"sendEvent", CapSendEvent},
		{"receiveEvent", CapReceiveEvent},
		{"sendState", CapSendState},
		{"receiveState", CapReceiveState},
		{"sendToDevice", CapSendToDevice},
		{"receiveToDevice", CapReceiveToDevice},
		{"receiveAccountData", CapReceiveAccountData},
		{"timeline", CapTimeline},
		{"sendDelayed", CapSendDelayed},
		{"updateDelayed", CapUpdateDelayed},
		{"sendSticky", CapSendSticky},
		{"receiveSticky", CapReceiveSticky},
		{"rtcTransports", CapRTCTransports},
		{"livekitToken", CapLivekitToken},
		{"delegateLeave", CapDelegateLeave},
		{"uploadFile", CapUploadFile},
		{"downloadFile", CapDownloadFile},
		{"screenshot", CapScreenshot},
		{"sticker", CapSticker},
		{"alwaysOnScreen", CapAlwaysOnScreen},
		{"requiresClient", CapRequiresClient},
		{"navigate", CapNavigate},
		{"turnServers", CapTURNServers},
		{"userDirectory", CapUserDirectory},
		{"visibility", CapVisibility},
	}
}

// FormerCapabilityNames lists what hosts of earlier generations write for some.
func FormerCapabilityNames() []CapabilityName {
	return []CapabilityName{
		{"updateDelayed", CapUpdateDelayedDotted},
		{"sendSticky", CapSendStickyFormer},
	}
}
