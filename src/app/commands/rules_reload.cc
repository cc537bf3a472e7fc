#include "app/commands/rules_reload.h"

#include <ostream>

#include "app/commands/local_http.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

std::string shown(const json::Value& answer, std::initializer_list<std::string_view> path) {
  const json::Value* found = json::find(answer, path);
  return found != nullptr ? shown_value(*found) : "?";
}

std::uint64_t count_of(const json::Value& answer) {
  const json::Value* found = json::find(answer, {"rules", "count"});
  return found != nullptr && found->is_int64()    ? static_cast<std::uint64_t>(found->get_int64())
         : found != nullptr && found->is_uint64() ? found->get_uint64()
                                                  : 0;
}

// "main/2 of ops@example.org".
std::string set_name(const json::Value& answer) {
  if (json::find(answer, {"rules", names::kPolicySet}) == nullptr) {
    return "a set without a header";
  }
  const auto part = [&](std::string_view name) {
    return shown(answer, {"rules", names::kPolicySet, name});
  };
  return part(names::kSetName) + "/" + part(names::kSetVersion) + " of " + part(names::kSetOwner);
}

std::string signer(const json::Value& answer) {
  const json::Value* who = json::find(answer, {"rules", "signed_by"});
  return who != nullptr                                 ? "by " + shown_value(*who)
         : shown(answer, {"rules", "signed"}) == "true" ? "yes, and in force before"
                                                        : "by nobody";
}

void tell(Context& context, const json::Value& answer) {
  std::ostream& out = context.io.out;
  if (context.io.json) {
    out << json::print(answer) << '\n';
    return;
  }
  const bool changed = shown(answer, {"changed"}) == "true";
  out << (changed ? "RELOADED: " : "THE SAME AS BEFORE: ") << set_name(answer) << ", "
      << counted(count_of(answer), "rule") << '\n'
      << labelled("signed", signer(answer))
      << labelled("digest", shown(answer, {"rules", "digest"}));
  if (changed) {
    out << labelled("before", shown(answer, {"before"}));
  }
}

// The daemon said no, which is not that it said nothing.
bool is_refusal(Code code) {
  return code == Code::kConflict || code == Code::kNotFound || code == Code::kForbidden;
}

int reload(Context& context) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<json::Value> answer =
      folder ? ask_daemon(context.files, *folder, DaemonListener::kControl, "/api/v1/rules/reload",
                          "{}")
             : Result<json::Value>(fail(folder.error()));
  if (!answer && is_refusal(answer.error().code)) {
    return report(context,
                  {answer.error().code, answer.error().message + "; what was in force stays"},
                  kExitBad);
  }
  if (!answer) {
    return report(context, answer.error());
  }
  tell(context, *answer);
  return kExitGood;
}

}  // namespace

void add_rules_reload(CLI::App& group, Context& context) {
  CLI::App* command =
      add_command(group, "reload", "Have the running gateway put its rule files into force",
                  {"pawl rules reload", "pawl rules reload --json"});
  on_run(*command, context, [&context] { return reload(context); });
}

}  // namespace pawl
