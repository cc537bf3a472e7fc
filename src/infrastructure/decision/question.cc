#include "infrastructure/decision/question.h"

#include "base/json.h"
#include "base/json_text.h"
#include "foundation/records/kinds.h"

namespace pawl::decision {
namespace {

void put(json::ObjectText& out, std::string_view name, std::string_view value) {
  if (!value.empty()) {
    out.text(name, value);
  }
}

void put_groups(json::ObjectText& out, const Caller& caller) {
  if (!caller.groups.empty()) {
    out.list("groups", caller.groups,
             [](std::string& text, const std::string& group) { json::append_quoted(text, group); });
  }
}

// The exact text: a number in it must not be read as another one.
void put_arguments(json::ObjectText& out, const Action& action) {
  const auto arguments = action.verb == kinds::kToolCall || action.verb == kinds::kPromptGet
                             ? json::member(action.params, json::whole(action.params), "arguments")
                             : json::whole(action.params);
  if (!action.params.empty() && arguments) {
    out.raw("arguments", arguments->of(action.params));
  }
}

void put_call(json::ObjectText& out, const Action& action, const std::string& instance) {
  out.text("instance", instance);
  out.id("call", action.id);
  if (action.workflow) {
    out.id("workflow", *action.workflow);
  }
}

std::string_view resource_type(const Action& action) {
  return action.verb == kinds::kPromptGet ? "prompt"
         : !action.tool.empty()           ? "tool"
         : !action.resource.empty()       ? "resource"
                                          : "server";
}

std::string authzen(const Action& action, const std::string& instance, bool with_arguments) {
  const std::string& name = action.tool.empty() ? action.resource : action.tool;
  json::ObjectText caller;
  put_groups(caller, action.caller);
  put(caller, "on_behalf_of", action.caller.on_behalf_of);
  json::ObjectText subject;
  subject.text("type", "agent");
  subject.text("id", action.caller.agent);
  subject.raw("properties", caller.take());
  json::ObjectText verb;
  verb.text("name", action.verb);
  if (with_arguments) {
    json::ObjectText said;
    put_arguments(said, action);
    verb.raw("properties", said.take());
  }
  json::ObjectText place;
  place.text("server", action.server);
  put(place, "name", name);
  json::ObjectText resource;
  resource.text("type", resource_type(action));
  resource.text("id", name.empty() ? action.server : action.server + "/" + name);
  resource.raw("properties", place.take());
  json::ObjectText context;
  put_call(context, action, instance);
  json::ObjectText out;
  out.raw("subject", subject.take());
  out.raw("action", verb.take());
  out.raw("resource", resource.take());
  out.raw("context", context.take());
  return out.take();
}

std::string opa(const Action& action, const std::string& instance, bool with_arguments) {
  json::ObjectText input;
  input.text("agent", action.caller.agent);
  put_groups(input, action.caller);
  put(input, "on_behalf_of", action.caller.on_behalf_of);
  input.text("server", action.server);
  input.text("verb", action.verb);
  put(input, "tool", action.tool);
  put(input, "resource", action.resource);
  put_call(input, action, instance);
  if (with_arguments) {
    put_arguments(input, action);
  }
  json::ObjectText out;
  out.raw("input", input.take());
  return out.take();
}

// Of "application/json; charset=utf-8" what stands before the parameters.
std::string media_type(std::string_view field) {
  std::string out(field.substr(0, field.find(';')));
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) {
    out.pop_back();
  }
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace

std::string print_question(Kind kind, const Action& action, const std::string& instance,
                           bool with_arguments) {
  return kind == Kind::kAuthzen ? authzen(action, instance, with_arguments)
                                : opa(action, instance, with_arguments);
}

Result<bool> read_answer(Kind kind, const PointAnswer& answer) {
  if (answer.status != 200) {
    return fail(Code::kUndecidable, "answers " + std::to_string(answer.status));
  }
  if (media_type(answer.content_type) != "application/json") {
    return fail(Code::kUndecidable, "its answer is not application/json");
  }
  const Result<json::Parsed> parsed = json::parse(answer.body);
  if (!parsed || !parsed->value.is_object()) {
    return fail(Code::kUndecidable, "its answer is no JSON object");
  }
  const char* const member = kind == Kind::kAuthzen ? "decision" : "result";
  const json::Value* said = json::find(parsed->value, {member});
  if (said == nullptr) {
    return fail(Code::kUndecidable, std::string("its answer has no \"") + member + "\"");
  }
  if (!said->is_bool()) {
    return fail(Code::kUndecidable, std::string("\"") + member + "\" is neither true nor false");
  }
  return said->get_bool();
}

}  // namespace pawl::decision
