package protocol

import "strings"

// Shape is what a member of an action's arguments must be.
type Shape uint8

const (
	// Words is a non-empty string.
	Words Shape = iota
	// AnyText is a string, also an empty one.
	AnyText
	// Whether is true or false.
	Whether
	// Count is an integer from 1.
	Count
	// KeyOrAll is a state key, or true for all keys.
	KeyOrAll
	// Rooms is a list of room ids, or [AnyRoom].
	Rooms
	// Way is a direction, "f" or "b" (MSC3715).
	Way
	// Permalink is what clients navigate to (MSC2931).
	Permalink
	// Button is an id of a modal's button, but for the one that closes it.
	Button
	// Object is forwarded; the page's shim has checked it.
	Object
	// Anything is an object or a string, forwarded as it is.
	Anything

	// Needed is added to the shape of what must not be left out.
	Needed Shape = 1 << 7
)

// wrong says what a member must be, by its shape.
var wrong = [...]string{
	Words: "must be a non-empty string", AnyText: "must be a string", Whether: "must be a boolean",
	Count: "must be an integer from 1", KeyOrAll: "must be a string, or true for all keys",
	Rooms: `must be a list of room ids, or "*"`, Way: `must be "f" or "b"`,
	Permalink: "must begin with " + permalink, Button: "must be a button's id; the one that closes the modal stays enabled",
	Object: "must be an object", Anything: "must be a string or an object",
}

const (
	permalink   = "https://matrix.to/#"
	closeButton = "m.close"
)

// Member is an argument of an action: where the page has it and where the wire.
type Member struct {
	Page, Wire Path
	Shape      Shape
}

// ActionInfo is a row of the table of actions.
type ActionInfo struct {
	Name Name
	// Capability that the host must have approved; "" if none. To one that ends
	// with a colon the event type is added; read_events has two (see
	// [ActionInfo.Missing]).
	Capability string
	// Version is what a host that knows the action advertises; "" if hosts are
	// not asked, as matrix-widget-api 1.19 does not for these.
	Version string
	Members []Member
}

// Actions are the typed fromWidget actions (wire.md §3.5) in the order of the
// page's calls; events and futures are not among them.
var Actions = [...]ActionInfo{
	{ActReadEvents, "", "", []Member{
		{ArgType, DataType, Words | Needed},
		{ArgStateKey, DataStateKey, KeyOrAll},
		{ArgMsgtype, DataMsgtype, Words},
		{ArgLimit, DataLimit, Count},
		{ArgRoomIDs, DataRoomIDs, Rooms},
		{ArgSince, DataSince, Words},
	}},
	{ActReadRelations, "", "", []Member{
		{ArgEventID, DataEventID, Words | Needed},
		{ArgRoomID, DataRoomID, Words},
		{ArgRelType, DataRelType, Words},
		{ArgEventType, DataEventType, Words},
		{ArgLimit, DataLimit, Count},
		{ArgFrom, DataFrom, Words},
		{ArgTo, DataTo, Words},
		{ArgDirection, DataDirection, Way},
	}},
	{ActReadAccountData, CapReceiveAccountData, "", []Member{
		{ArgType, DataType, Words | Needed},
		{ArgRoomIDs, DataRoomIDs, Rooms},
	}},
	{ActSendToDevice, CapSendToDevice, "", []Member{
		{ArgType, DataType, Words | Needed},
		{ArgEncrypted, DataEncrypted, Whether | Needed},
		{ArgContent, DataMessages, Object | Needed},
	}},
	{ActGetOpenID, "", "", nil},
	{ActWatchTURN, CapTURNServers, "", nil},
	{ActUnwatchTURN, CapTURNServers, "", nil},
	{ActNavigate, CapNavigate, "", []Member{{ArgURI, DataURI, Permalink | Needed}}},
	{ActSticker, "", "", []Member{
		{ArgName, DataName, Words | Needed},
		{ArgDescription, DataDescription, AnyText},
		{ArgContent, DataContent, Object | Needed},
	}},
	{ActAlwaysOnScreen, "", "", []Member{{ArgValue, DataValue, Whether | Needed}}},
	{ActOpenModal, "", "", []Member{
		{ArgType, DataType, Words | Needed},
		{ArgURL, DataURL, Words | Needed},
		{ArgName, DataName, Words | Needed},
		{ArgContent, DataButtons, Object | Needed},
		{ArgMore, DataInner, Object | Needed},
	}},
	{ActCloseModal, "", "", []Member{{ArgContent, Data, Object}}},
	{ActModalButton, "", "", []Member{
		{ArgButtonID, DataButton, Button | Needed},
		{ArgEnabled, DataEnabled, Whether | Needed},
	}},
	{ActMediaConfig, CapUploadFile, VersionMedia, nil},
	{ActUploadFile, CapUploadFile, VersionMedia, []Member{{ArgContent, DataFile, Anything | Needed}}},
	{ActDownloadFile, CapDownloadFile, VersionMedia, []Member{{ArgContentURI, DataContentURI, Words | Needed}}},
	{ActSearchUsers, CapUserDirectory, VersionUserDirectory, []Member{
		{ArgSearchTerm, DataSearchTerm, AnyText | Needed},
		{ArgLimit, DataLimit, Count},
	}},
	{ActRTCTransports, CapRTCTransports, VersionRTCTransports, nil},
	{ActLivekitToken, CapLivekitToken, VersionLivekit, []Member{
		{ArgServerName, DataServerName, Words},
		{ArgURL, DataURL, Words | Needed},
		{ArgRoomID, DataRoomID, Words | Needed},
		{ArgSlotID, DataSlotID, Words | Needed},
		{ArgContent, DataMember, Object | Needed},
	}},
	{ActDelegateLeave, CapDelegateLeave, VersionLivekit, []Member{
		{ArgRoomID, DataRoomID, Words | Needed},
		{ArgSlotID, DataSlotID, Words | Needed},
		{ArgContent, DataMember, Object | Needed},
		{ArgDelayID, DataDelayID, Words | Needed},
	}},
}

// Append appends the data of the action's request and names the first argument
// that is wrong. room is the room of requests that name none; it may be Absent.
func (a *ActionInfo) Append(dst, args []Field, room *Value) ([]Field, *Error) {
	for i := range a.Members {
		m := &a.Members[i]
		at := 0
		for at < len(args) && args[at].Path != m.Page {
			at++
		}
		shape := m.Shape &^ Needed
		if at == len(args) {
			if room.Kind == Text && shape == Rooms {
				dst = AppendTexts(dst, m.Wire, []string{room.Str})
			} else if room.Kind == Text && m.Page == ArgRoomID {
				dst = Append(dst, m.Wire, room)
			} else if shape != m.Shape {
				return dst, Invalid(m.Page, wrong[shape])
			}
			continue
		}
		end := at + 1
		if shape == Rooms && args[at].Kind == List && args[at].ID > 0 {
			dst = Append(dst, m.Wire, &args[at].Value)
			at++
			end += int(args[at-1].ID)
		} else if shape == Rooms && args[at].Str != AnyRoom {
			return dst, Invalid(m.Page, wrong[shape])
		}
		for ; at < end; at++ {
			if !shape.takes(&args[at].Value) {
				return dst, Invalid(m.Page, wrong[shape])
			}
			dst = Append(dst, m.Wire, &args[at].Value)
		}
	}
	return dst, nil
}

// takes reports whether a value, or an element of a list, is of the shape.
func (s Shape) takes(v *Value) bool {
	switch s {
	case Whether:
		return v.Kind == True || v.Kind == False
	case Count:
		return v.Kind == Number && v.Num >= 1 && v.Num <= MaxDurationMs && v.Num == float64(int32(v.Num))
	case Object:
		return v.Kind == Opaque
	case Anything:
		return v.Kind == Opaque || v.Kind == Kept || v.Kind == Text
	case KeyOrAll:
		return v.Kind == Text || v.Kind == True
	}
	switch {
	case v.Kind != Text:
		return false
	case s == AnyText:
		return true
	case s == Way:
		return v.Str == "f" || v.Str == "b"
	case s == Permalink:
		return strings.HasPrefix(v.Str, permalink)
	case s == Button && v.Str == closeButton:
		return false
	}
	return v.Str != ""
}

// Missing lists the capabilities that the request needs and the grants lack.
// timeline says whether rooms' own capabilities count: see [Event.Missing].
func (a *ActionInfo) Missing(g Grants, data []Field, timeline bool) []string {
	var missing []string
	c := a.Capability
	switch eventType := Get(data, DataType).Str; {
	case a.Name == ActReadEvents:
		// Without a state key it reads room events; true stands for all keys.
		key := Get(data, DataStateKey)
		c = g.event(CapReceiveState, CapReceiveEvent, eventType, &key, Get(data, DataMsgtype).Str)
	case strings.HasSuffix(c, ":"):
		c += eventType
	}
	if c != "" && !g.Has(c) {
		missing = append(missing, c)
	}
	for i := range data {
		f := &data[i]
		// Of "*" a host reads those rooms that it may.
		reads := f.Path == DataRoomIDs && f.Str != AnyRoom || f.Path == DataRoomID && a.Name == ActReadRelations
		if timeline && reads && f.Kind == Text && !g.Timeline(f.Str) {
			missing = append(missing, CapTimeline+f.Str)
		}
	}
	return missing
}
