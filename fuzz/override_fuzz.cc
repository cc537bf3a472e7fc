// The operator's statements, the scopes in them, the stops of journal and snapshot.
// Input: a statement's payload (also a scope, a stop, a journal slot), then an edit
// (support/keys.h).
#include "operators/override/override_wire.h"

#include <algorithm>

#include "foundation/jose/jws.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"
#include "operators/override/override.h"
#include "operators/override/override_journal.h"
#include "tests/support/fault_files.h"
#include "tests/support/stepped_clock.h"

namespace pawl::override_ {
namespace {

constexpr WallTime kNow{1'772'064'150'000'000};
constexpr std::string_view kSelf = "spiffe://example.org/pawl/gw1";

const Keystore& keystore() {
  static FaultFiles files;
  static Keystore keys = [] {
    files.make_directory("keys");
    Keystore made = *Keystore::create(files, "keys", system_random());
    FUZZ_CHECK(made.enrol_operator("ada", fuzz::token_key().public_key(), {"operator"}),
               "enrolled");
    return made;
  }();
  return keys;
}

void check_statement(std::string_view payload, std::string_view edit) {
  const std::string kid = fuzz::token_key().public_key().thumbprint();
  const auto token = jose::sign(fuzz::token_key(), "override+jwt", kid, payload);
  if (!token) {
    return;
  }
  if (const auto verified = verify_statement(*token, keystore(), kSelf, kNow)) {
    const Statement& statement = verified->statement;
    FUZZ_CHECK(statement.audience == kSelf, "a statement is for this instance");
    FUZZ_CHECK(statement.exp - statement.iat <= 300 && statement.exp >= kNow.seconds(),
               "a statement is fresh and short-lived");
    FUZZ_CHECK(statement.stops.size() <= kMaxLifts, "it lifts a bounded number of stops");
    const auto again = sign_statement(statement, fuzz::token_key());
    FUZZ_CHECK(again, "a statement can be signed again");
    if (again->size() <= kMaxStatementBytes) {
      const auto back = verify_statement(*again, keystore(), kSelf, kNow);
      FUZZ_CHECK(back && back->statement.scope == statement.scope &&
                     back->statement.stops == statement.stops &&
                     back->statement.verb == statement.verb && back->statement.id == statement.id,
                 "a statement reads back");
    }
  }
  const std::string other = fuzz::altered(*token, edit);
  FUZZ_CHECK(other == *token || !verify_statement(other, keystore(), kSelf, kNow),
             "no altered statement verifies");
}

void check_scope(std::string_view text) {
  if (const Result<Scope> scope = parse_scope(text)) {
    FUZZ_CHECK(scope->text() == text, "a scope has one spelling");
    FUZZ_CHECK((scope->kind == ScopeKind::kAll) == scope->value.empty(), "a scope has a value");
    Action action;
    action.caller.agent = "other agent that no scope names";
    FUZZ_CHECK(covers(Scope{}, action, "example.org"), "`all` covers everything");
  }
}

void check_stop(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text);
  const Result<Stop> stop = parsed ? read_stop(parsed->value) : Result<Stop>(fail(parsed.error()));
  if (stop) {
    const Result<Stop> again = read_stop(json::Value(print_stop(*stop)));
    FUZZ_CHECK(again && again->id == stop->id && again->scope == stop->scope &&
                   again->at == stop->at && again->by == stop->by,
               "a stop reads back");
  }
}

// Whatever stands in a slot, the daemon starts; what it cannot read stops everything.
void check_journal(std::string_view slot, std::string_view edit) {
  SteppedClock clock;
  FaultFiles files;
  std::vector<Stop> stops;
  const Stop kept{Uuid::v8(std::string(16, 's')), Scope{ScopeKind::kAgent, "triage"}, "why", "ada",
                  kNow};
  {
    auto journal = OverrideJournal::open(files, "journal", clock, stops);
    FUZZ_CHECK(journal && stops.empty() && (*journal)->record(kept), "a stop is recorded");
  }
  const std::string good = *files.contents("journal");
  std::string bytes = good;
  const std::size_t room = OverrideJournal::kSlotBytes;
  bytes.replace(room, std::min(slot.size(), room), slot.substr(0, room));
  if (edit.size() >= 3) {  // also somewhere in the slot of the stop
    const std::string first = fuzz::altered(std::string_view(bytes).substr(0, room), edit);
    bytes.replace(0, room, first);
  }
  files.put("journal", bytes);
  stops.clear();
  FUZZ_CHECK(OverrideJournal::open(files, "journal", clock, stops), "a damaged journal opens");
  const bool all = std::any_of(stops.begin(), stops.end(),
                               [](const Stop& stop) { return stop.scope.kind == ScopeKind::kAll; });
  const bool found = std::any_of(stops.begin(), stops.end(),
                                 [&](const Stop& stop) { return stop.scope == kept.scope; });
  FUZZ_CHECK(all || found, "a recorded stop is in force, or everything is stopped");
  FUZZ_CHECK(all || bytes == good, "what cannot be read stops everything");
}

}  // namespace
}  // namespace pawl::override_

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const auto [text, edit] = fuzz::parts<2>(fuzz::view(data, size));
  override_::check_statement(text, edit);
  override_::check_scope(text);
  override_::check_stop(text);
  override_::check_journal(text, edit);
  return 0;
}
