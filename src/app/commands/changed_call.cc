#include "app/commands/changed_call.h"

#include "app/commands/shown_held_call.h"
#include "base/json_changes.h"
#include "operators/approval/changed_arguments.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxFile = 1024 * 1024;

Result<std::string> checked(const HeldCall& call, std::string changed) {
  if (!call.params) {
    return fail(Code::kNotFound, "its arguments cannot be read, so they cannot be changed");
  }
  if (Status good = approval::differ_in_arguments(*call.params, changed); !good) {
    return fail(good.error());
  }
  if (changed == *call.params) {
    return fail(Code::kInvalidParams, "these are the arguments of the call: nothing is changed");
  }
  return changed;
}

}  // namespace

Result<std::string> changed_by_file(Context& context, const HeldCall& call,
                                    const std::string& file) {
  const Result<std::string> text = read_file(context.files, file, kMaxFile);
  if (!text) {
    return fail(text.error());
  }
  const Result<json::Parsed> parsed = json::parse(*text);
  if (!parsed || !parsed->value.is_object()) {
    return fail(Code::kInvalidParams, "--arguments " + file +
                                          ": expected a JSON object, the arguments of the call" +
                                          (parsed ? "" : ": " + parsed.error().message));
  }
  if (!call.params) {
    return checked(call, "");
  }
  return checked(call, json::with_member(*call.params, json::whole(*call.params),
                                         approval::kArguments, json::whole(*text).of(*text)));
}

Result<std::string> changed_before(const HeldCall& call) {
  return call.changed ? checked(call, *call.changed)
                      : fail(Code::kNotFound, "nobody approved it with other arguments");
}

std::string shown_change(std::string_view asked, std::string_view changed) {
  const Result<json::Parsed> before = json::parse(asked);
  const Result<json::Parsed> after = json::parse(changed);
  std::string lines;
  if (before && after) {
    for (const json::Change& one :
         json::changes(before->value, after->value, approval::kMostPlaces)) {
      lines += (one.pointer.empty() ? "/" : one.pointer) + " " +
               (one.from != nullptr ? json::print(*one.from) : "(nothing)") + " -> " +
               (one.to != nullptr ? json::print(*one.to) : "(nothing)") + "\n";
    }
  }
  return shown_lines(lines);
}

}  // namespace pawl
