package protocol

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
	// Rooms is a list of room ids; [AnyRoom] alone stands for all.
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
	Rooms: "must be a list of room ids", Way: `must be "f" or "b"`,
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
	// Capability that the host must have approved; "" if none, or if the
	// arguments decide (see [ActionInfo.Missing]).
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
	{ActReadAccountData, "", "", []Member{
		{ArgType, DataType, Words | Needed},
		{ArgRoomIDs, DataRoomIDs, Rooms},
	}},
	{ActSendToDevice, "", "", []Member{
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
		{ArgModalType, DataType, Words | Needed},
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
func (a *ActionInfo) Append(dst, args []Field, room Value) ([]Field, *Error) {
	for i := range a.Members {
		m := &a.Members[i]
		v := Get(args, m.Page)
		switch shape := m.Shape &^ Needed; {
		case v.Kind == Absent && m.Page == ArgRoomID && room.Kind == Text:
			dst = append(dst, room.At(m.Wire))
		case v.Kind == Absent && m.Page == ArgRoomIDs && room.Kind == Text:
			dst = AppendTexts(dst, m.Wire, []string{room.Str})
		case v.Kind == Absent && m.Shape&Needed == 0:
		case v.Kind == List && shape == Rooms:
			rooms, ok := Texts(args, m.Page)
			for _, r := range rooms {
				ok = ok && r != ""
			}
			switch {
			case !ok || len(rooms) == 0:
				return dst, Invalid(m.Page, wrong[shape])
			case len(rooms) == 1 && rooms[0] == AnyRoom:
				dst = AppendText(dst, m.Wire, AnyRoom)
			default:
				dst = AppendTexts(dst, m.Wire, rooms)
			}
		case shape.takes(&v):
			dst = append(dst, v.At(m.Wire))
		default:
			return dst, Invalid(m.Page, wrong[shape])
		}
	}
	return dst, nil
}

// takes reports whether a value is of the shape; lists are not asked for.
func (s Shape) takes(v *Value) bool {
	switch s {
	case AnyText:
		return v.Kind == Text
	case Whether:
		return v.Kind == True || v.Kind == False
	case Count:
		return v.Kind == Number && v.Num >= 1 && v.Num <= MaxDurationMs && v.Num == float64(int64(v.Num))
	case KeyOrAll:
		return v.Kind == Text || v.Kind == True
	case Object:
		return v.Kind == Opaque
	case Anything:
		return v.Kind == Opaque || v.Kind == Kept || v.Kind == Text
	case Rooms:
		return false
	}
	if v.Kind != Text || v.Str == "" {
		return false
	}
	switch s {
	case Way:
		return v.Str == "f" || v.Str == "b"
	case Permalink:
		return len(v.Str) > len(permalink) && v.Str[:len(permalink)] == permalink
	case Button:
		return v.Str != closeButton
	}
	return true
}

// Missing lists the capabilities that the request needs and the grants lack.
// timeline says whether rooms' own capabilities count: see [Event.Missing].
func (a *ActionInfo) Missing(g Grants, data []Field, timeline bool) []string {
	var missing []string
	lacks := func(capability string) {
		if capability != "" && !g.Has(capability) {
			missing = append(missing, capability)
		}
	}
	lacks(a.Capability)
	eventType := Get(data, DataType).Str
	switch a.Name {
	case ActSendToDevice:
		lacks(CapSendToDevice + eventType)
	case ActReadEvents:
		if c := readEventsNeeds(g, data, eventType); c != "" {
			missing = append(missing, c)
		}
	case ActReadAccountData:
		lacks(CapReceiveAccountData + eventType)
	case ActReadRelations:
		if v := Get(data, DataRoomID); timeline && v.Kind == Text && !g.Timeline(v.Str) {
			missing = append(missing, CapTimeline+v.Str)
		}
	}
	// With "*" a host reads those rooms that it may.
	rooms, _ := Texts(data, DataRoomIDs)
	for _, room := range rooms {
		if timeline && !g.Timeline(room) {
			missing = append(missing, CapTimeline+room)
		}
	}
	return missing
}

// readEventsNeeds returns the capability that is missing for read_events.
func readEventsNeeds(g Grants, data []Field, eventType string) string {
	switch key := Get(data, DataStateKey); key.Kind {
	case Text:
		return g.state(CapReceiveState, eventType, &key.Str)
	case True:
		return g.state(CapReceiveState, eventType, nil)
	}
	return g.event(CapReceiveEvent, eventType, Get(data, DataMsgtype).Str)
}
