// GET /api/v1/events: what happens, as server-sent events, for who has the control token or is
// signed in.
//
// Threading:  the I/O thread. Ownership: hub and `sign_ins` outlive what is returned.
// Errors:     RFC 9457 problems: kUnauthenticated, kForbidden (another page), kOverloaded.
// Rule:       who is signed in sees what is in the scope of a role of theirs, and nothing after
//             their session has ended.
// Source:     docs/formats/events.md.
#pragma once

#include "app/api/control_api.h"
#include "app/api/event_hub.h"
#include "app/api/sign_ins.h"
#include "app/api/viewer.h"

namespace pawl {

// Guards itself. `token`: the control listener's. `sign_ins` null: nobody signs in.
ApiDesk events_api(EventHub& hub, std::string token, SignIns* sign_ins);

// Whether this viewer may look at it: at its agent, its server or its tool; at what
// is about none of them, who may look at everything.
bool may_see(const Viewer& viewer, const EventSubject& subject);

}  // namespace pawl
