#include "gateway/recorded_state.h"

#include <algorithm>
#include <array>
#include <optional>

#include "foundation/crypto/sha256.h"
#include "foundation/records/kinds.h"
#include "gateway/folded_record.h"

namespace pawl {
namespace {

constexpr std::string_view kConfiguration = "config";
constexpr std::string_view kEnrolled = "enrolled";
constexpr std::string_view kProcesses = "processes";

std::string text_of(const json::Value& value, std::initializer_list<std::string_view> path) {
  return std::string(json::find_string(value, path).value_or(""));
}

std::map<std::string, std::string> texts_of(const json::Value* object) {
  std::map<std::string, std::string> out;
  if (object != nullptr && object->is_object()) {
    for (const auto& member : object->get_object()) {
      if (member.value().is_string()) {
        out.emplace(member.key(), member.value().get_string());
      }
    }
  }
  return out;
}

json::Object object_of(const std::map<std::string, std::string>& texts) {
  json::Object out;
  for (const auto& [name, text] : texts) {
    out[name] = text;
  }
  return out;
}

std::optional<Uuid> id_of(const json::Value* value) {
  const Result<Uuid> id =
      Uuid::parse(value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                         : std::string_view());
  return id ? std::optional(*id) : std::nullopt;
}

void apply_identity(std::string_view kind, const json::Value& body,
                    std::map<std::string, std::string>& enrolled) {
  const json::Value* identity = json::find(body, {"identity"});
  const std::string target = identity != nullptr ? text_of(*identity, {"target"}) : "";
  if (target.empty()) {
    return;
  }
  if (kind == kinds::kIdentityRemoved) {
    enrolled.erase(target);
  } else if (enrolled.size() < RecordedState::kMost || enrolled.contains(target)) {
    enrolled[target] = digest_text(sha256(json::canonical(*identity)));
  }
}

}  // namespace

bool RecordedState::has(std::string_view kind) {
  constexpr std::array kKinds = {kinds::kConfigChanged, kinds::kIdentityEnrolled,
                                 kinds::kIdentityRemoved, kinds::kProcessStarted,
                                 kinds::kProcessExited};
  return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

void RecordedState::apply(const FoldedRecord& record) {
  const json::Value& body = record.body;
  if (record.kind == kinds::kConfigChanged) {
    configuration = {text_of(body, {"digest"}), texts_of(json::find(body, {"sections"}))};
  } else if (record.kind == kinds::kIdentityEnrolled || record.kind == kinds::kIdentityRemoved) {
    apply_identity(record.kind, body, enrolled);
  } else if (record.kind == kinds::kProcessStarted) {
    if (!record.id.is_nil() && processes.size() < kMost) {
      processes[record.id] = {text_of(body, {"server"}), text_of(body, {"agent"})};
    }
  } else if (record.kind == kinds::kProcessExited) {
    for (const Uuid& id : ids_in(record.parents)) {
      processes.erase(id);
    }
  }
}

void RecordedState::print_to(json::Object& out) const {
  out[kConfiguration] = json::Object{{"digest", configuration.digest},
                                     {"sections", object_of(configuration.sections)}};
  out[kEnrolled] = object_of(enrolled);
  json::Array list;
  for (const auto& [id, process] : processes) {
    list.push_back(
        json::Object{{"id", id.text()}, {"server", process.server}, {"agent", process.agent}});
  }
  out[kProcesses] = std::move(list);
}

RecordedState RecordedState::read(const json::Value& value) {
  RecordedState out;
  out.configuration = {text_of(value, {kConfiguration, "digest"}),
                       texts_of(json::find(value, {kConfiguration, "sections"}))};
  out.enrolled = texts_of(json::find(value, {kEnrolled}));
  const json::Value* list = json::find(value, {kProcesses});
  for (const json::Value& item :
       list != nullptr && list->is_array() ? list->get_array() : json::Array()) {
    if (const std::optional<Uuid> id = id_of(json::find(item, {"id"}))) {
      out.processes[*id] = {text_of(item, {"server"}), text_of(item, {"agent"})};
    }
  }
  return out;
}

}  // namespace pawl
