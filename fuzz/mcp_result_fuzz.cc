// Results of servers: lists, states, tasks, capabilities, and what we splice into them.
// Input: a result's JSON text, then that of a second server.
#include "infrastructure/mcp/result.h"

#include <set>

#include "fuzz/support/fuzz.h"
#include "infrastructure/mcp/discover.h"
#include "infrastructure/mcp/lists.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/own_keys.h"
#include "infrastructure/mcp/param_headers.h"
#include "infrastructure/mcp/tasks.h"

namespace pawl::mcp {
namespace {

constexpr ListKind kLists[] = {ListKind::kTools, ListKind::kPrompts, ListKind::kResources,
                               ListKind::kTemplates, ListKind::kTasks};

json::Value parsed(std::string_view text) {
  Result<json::Parsed> result = json::parse(text);
  FUZZ_CHECK(result, "what we make of a result is JSON");
  return result->value;
}

bool keep(std::string_view name) {
  return name.size() % 2 == 0;
}

void check_list(std::string_view body, ListKind list, Era era) {
  const Result<std::string> out = filter_list(body, list, era, keep);
  if (!out) {
    FUZZ_CHECK(out.error().code == Code::kUpstreamFailed, "a bad list is the server's fault");
    return;
  }
  const json::Value result = parsed(*out);
  for (const json::Value& item : json::find(result, {list_member(list)})->get_array()) {
    const auto name = json::find_string(item, {list_item_key(list)});
    FUZZ_CHECK(name && keep(*name), "only what may be used is listed");
  }
  if (era == Era::kModern) {
    FUZZ_CHECK(json::find_string(result, {"cacheScope"}) == "private",
               "a filtered list is private");
  }
  const Result<std::string> again = filter_list(*out, list, era, keep);
  FUZZ_CHECK(again && *again == *out, "filtering twice changes nothing");
}

void check_merged(std::string_view one, std::string_view two, ListKind list, Era era) {
  NameMap names;
  const CursorSeal seal(std::string(32, 'k'));
  const std::vector<Page> pages = {{"b", std::string(two)}, {"a", std::string(one)}};
  const Result<std::string> out = merge_lists(pages, list, era, names, seal, {"c"});
  if (!out) {
    return;
  }
  const json::Value result = parsed(*out);
  std::set<std::string> targets;
  for (const json::Value& item : json::find(result, {list_member(list)})->get_array()) {
    const auto name = json::find_string(item, {list_item_key(list)});
    FUZZ_CHECK(name, "a merged item has a name");
    if (list == ListKind::kTools || list == ListKind::kPrompts) {
      const Result<Target> target = names.resolve(*name);
      FUZZ_CHECK(target && (target->server == "a" || target->server == "b"),
                 "a public name finds its server");
      FUZZ_CHECK(public_name(target->server, target->name) == *name, "and its own name");
      FUZZ_CHECK(name->size() <= 64, "a public name fits clients");
    }
  }
  if (const auto cursor = json::find_string(result, {"nextCursor"})) {
    FUZZ_CHECK(seal.open(list, *cursor), "our cursor is ours");
  }
}

void check_splices(std::string_view body, const json::Value& value) {
  const Uuid id = Uuid::v8(std::string(16, 'r'));
  const json::Value result = parsed(with_record(body, false, id, "https://h/\"p"));
  FUZZ_CHECK(json::find_string(result, {kMeta, "pawl.record/id"}) == id.text(),
             "the record is named");
  json::Object before = value.get_object();
  json::Object after = result.get_object();
  before.erase(kMeta);
  after.erase(kMeta);
  FUZZ_CHECK(before == after, "and nothing else is changed");

  const json::Value error = parsed(with_record(body, true, id, ""));
  const json::Value* data = value.get_object().if_contains("data");
  if (data == nullptr || data->is_object()) {
    FUZZ_CHECK(json::find_string(error, {"data", kMeta, "pawl.record/id"}) == id.text(),
               "an error names its record");
  } else {
    FUZZ_CHECK(error == value, "data that is no object is left alone");
  }
  FUZZ_CHECK(result_state(parsed(with_result_state(body, "s\"t"))) == "s\"t",
             "our state is put in");
}

void check_own_keys(std::string_view body) {
  const std::string honest = without_own_keys(std::string(body));
  FUZZ_CHECK(without_own_keys(honest) == honest, "taking out twice changes nothing");
  const json::Value left = parsed(honest);
  const json::Value* meta = json::find(left, {kMeta});
  if (meta != nullptr && meta->is_object()) {
    for (const auto& member : meta->get_object()) {
      FUZZ_CHECK(!std::string_view(member.key()).starts_with("pawl."), "no key of ours is left");
    }
  }
}

void check_meanings(const json::Value& value) {
  for (const Era era : {Era::kLegacy, Era::kModern}) {
    const ResultType type = result_type(value, era);
    FUZZ_CHECK(!created_task(value, era) || type == ResultType::kTask,
               "only a result that says so creates a task");
  }
  if (const auto task = task_view(value)) {
    FUZZ_CHECK(!task->id.empty(), "a task has an id");
  }
  completed_with_error(value);
  const json::Value* flag = json::find(value, {"isError"});
  FUZZ_CHECK(is_tool_error(value) == (flag != nullptr && *flag != json::Value(false)),
             "only false, or nothing, says that it went well");
  if (const auto headers = param_headers(value)) {
    for (const ParamHeader& header : *headers) {
      FUZZ_CHECK(!header.name.empty() && !header.path.empty(), "an annotation has name and path");
    }
  }
}

void check_offers(std::string_view body, std::string_view second) {
  for (const std::string& mask : {mask_server_capabilities(body), mask_client_capabilities(body)}) {
    FUZZ_CHECK(!parsed(mask).as_object().contains("experimental"), "what is unknown is masked");
    parsed(mask);
  }
  if (const auto result = initialize_result(body, kRevision20251125)) {
    FUZZ_CHECK(json::find_string(parsed(*result), {"protocolVersion"}) == kRevision20251125,
               "the revision is the one that was chosen");
  }
  if (const auto result = discover_result(body, {std::string(kRevision20260728)})) {
    parsed(*result);
  }
  const std::vector<std::string> both = {std::string(body), std::string(second)};
  if (const auto result = combined_initialize(both, kRevision20251125, "1")) {
    parsed(*result);
  }
  if (const auto result = combined_discover(both, {std::string(kRevision20260728)}, "1")) {
    parsed(*result);
  }
  initialized_revision(body);
  if (const auto revisions = discovered_revisions(body)) {
    for (const std::string& revision : *revisions) {
      FUZZ_CHECK(era_of(revision), "only revisions spoken here");
    }
  }
}

}  // namespace
}  // namespace pawl::mcp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::mcp;
  const auto [body, second] = fuzz::parts<2>(fuzz::view(data, size));
  for (const ListKind list : kLists) {
    for (const Era era : {Era::kLegacy, Era::kModern}) {
      check_list(body, list, era);
      check_merged(body, second, list, era);
    }
  }
  tool_schemas(body);
  const Result<json::Parsed> result = json::parse(body);
  if (result && result->value.is_object()) {
    check_splices(body, result->value);
    check_own_keys(body);
    check_meanings(result->value);
    check_offers(body, second);
  }
  return 0;
}
