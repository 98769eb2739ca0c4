package protocol

// Name is a word of the wire that the border knows by number from the start.
type Name int32

// The names. Each is written once, in the table below.
const (
	NoName Name = iota

	FromWidget
	ToWidget

	ActSupportedVersions
	ActContentLoaded
	ActCapabilities
	ActNotifyCapabilities
	ActRequestCapabilities
	ActSendEvent
	ActUpdateDelayed
	ActUpdateDelayedDotted
	ActVisibility
	ActSendToDevice
	ActUpdateState
	ActThemeChange
	ActLanguageChange
	ActWidgetConfig
	ActOpenIDCredentials

	ActReadEvents
	ActReadRelations
	ActReadAccountData
	ActGetOpenID
	ActWatchTURN
	ActUnwatchTURN
	ActNavigate
	ActSticker
	ActAlwaysOnScreen
	ActOpenModal
	ActCloseModal
	ActModalButton
	ActMediaConfig
	ActUploadFile
	ActDownloadFile
	ActSearchUsers
	ActRTCTransports
	ActLivekitToken
	ActDelegateLeave

	UpdateRestart
	UpdateCancel
	UpdateSend

	nameCount
)

var names = [nameCount]string{
	FromWidget: "fromWidget",
	ToWidget:   "toWidget",

	ActSupportedVersions:   "supported_api_versions",
	ActContentLoaded:       "content_loaded",
	ActCapabilities:        "capabilities",
	ActNotifyCapabilities:  "notify_capabilities",
	ActRequestCapabilities: "org.matrix.msc2974.request_capabilities",
	ActSendEvent:           "send_event",
	// MSC4157 W5; the dotted spelling is matrix-widget-api 1.8.0 and 1.8.1.
	ActUpdateDelayed:       "org.matrix.msc4157.update_delayed_event",
	ActUpdateDelayedDotted: "org.matrix.msc4157.update.delayed_event",
	ActVisibility:          "visibility",
	ActSendToDevice:        "send_to_device",
	ActUpdateState:         "update_state",
	ActThemeChange:         "theme_change",
	ActLanguageChange:      "language_change",
	ActWidgetConfig:        "widget_config",
	ActOpenIDCredentials:   "openid_credentials",

	ActReadEvents:      "org.matrix.msc2876.read_events",
	ActReadRelations:   "org.matrix.msc3869.read_relations",
	ActReadAccountData: "com.beeper.read_room_account_data",
	ActGetOpenID:       "get_openid",
	ActWatchTURN:       "watch_turn_servers",
	ActUnwatchTURN:     "unwatch_turn_servers",
	ActNavigate:        "org.matrix.msc2931.navigate",
	ActSticker:         "m.sticker",
	ActAlwaysOnScreen:  "set_always_on_screen",
	ActOpenModal:       "open_modal",
	ActCloseModal:      "close_modal",
	ActModalButton:     "set_button_enabled",
	ActMediaConfig:     "org.matrix.msc4039.get_media_config",
	ActUploadFile:      "org.matrix.msc4039.upload_file",
	ActDownloadFile:    "org.matrix.msc4039.download_file",
	ActSearchUsers:     "org.matrix.msc3973.user_directory_search",
	ActRTCTransports:   "org.matrix.msc4515.get_rtc_transports",
	ActLivekitToken:    "org.matrix.msc4533.rtc_livekit_get_token",
	ActDelegateLeave:   "org.matrix.msc4533.rtc_livekit_delegate_delayed_leave",

	// MSC4157 and MSC4140 say "refresh" in text; every host and server
	// implements "restart" (wire.md fact 6).
	UpdateRestart: "restart",
	UpdateCancel:  "cancel",
	UpdateSend:    "send",
}

// Names returns the table of names, indexed by [Name]; row 0 is empty.
func Names() []string { return names[:] }

// String returns the word itself.
func (n Name) String() string { return names[n] }

// Value returns the name as a text value with its interned number.
func (n Name) Value() Value { return Value{Kind: Text, ID: int32(n), Str: names[n]} }

// Version strings a peer can advertise in supported_api_versions that decide
// something here.
const (
	// VersionNotify: the host tells the widget what was approved (MSC2871).
	VersionNotify = "org.matrix.msc2871"
	// VersionRenegotiate: capabilities can be asked for later (MSC2974). Every
	// JavaScript host since 1.0 has it, no Rust host does, so it also tells
	// which rules of the two families hold (wire.md §4.3).
	VersionRenegotiate = "org.matrix.msc2974"
	// The host knows an MSC's actions.
	VersionUserDirectory = "org.matrix.msc3973"
	VersionMedia         = "org.matrix.msc4039"
	VersionRTCTransports = "org.matrix.msc4515"
	VersionLivekit       = "org.matrix.msc4533"
)

// WidgetVersions is what this widget answers to supported_api_versions.
var WidgetVersions = []string{
	"0.0.1", "0.0.2",
	"org.matrix.msc2762", "org.matrix.msc2762_update_state",
	VersionNotify, VersionRenegotiate, "org.matrix.msc3819",
}

// acknowledged lists the toWidget actions that are answered {} when the page
// does not answer them itself: events a host pushes to every widget. All
// others are answered with an error, as hosts expect of an unknown action.
var acknowledged = [...]Name{
	ActVisibility, ActSendEvent, ActSendToDevice, ActUpdateState,
	ActThemeChange, ActLanguageChange, ActWidgetConfig,
}

// Acknowledged reports whether an unhandled toWidget action is answered {}.
func Acknowledged(action string) bool {
	for _, n := range acknowledged {
		if names[n] == action {
			return true
		}
	}
	return false
}
