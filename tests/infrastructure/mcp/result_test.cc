#include "infrastructure/mcp/result.h"

#include <gtest/gtest.h>

#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/refusal.h"
#include "infrastructure/mcp/tasks.h"

namespace pawl::mcp {
namespace {

const Uuid kRecord = *Uuid::parse("01890a5d-ac96-774b-bcce-b302099a8057");

TEST(ResultTest, TellsSuccessFromFailure) {
  const struct {
    const char* text;
    bool success;
    const char* body;
  } cases[] = {
      {R"({"jsonrpc":"2.0","id":1,"result":{ "content":[] }})", true, R"({ "content":[] })"},
      {R"({"jsonrpc":"2.0","id":1,"result":{"isError":false}})", true, R"({"isError":false})"},
      {R"({"jsonrpc":"2.0","id":1,"result":{"isError":true}})", false, R"({"isError":true})"},
      {R"({"jsonrpc":"2.0","id":1,"result":{"isError":"true"}})", false, R"({"isError":"true"})"},
      {R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}})", false,
       R"({"code":1,"message":"m"})"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const Answer answer = answer_of(*jsonrpc::decode(c.text));
    EXPECT_EQ(answer.success, c.success);
    EXPECT_EQ(answer.body, c.body);
  }
}

TEST(ResultTest, SplicesTheRecordAndNothingElse) {
  const std::string id = R"("pawl.record/id":"01890a5d-ac96-774b-bcce-b302099a8057")";
  const std::string both = id + R"(,"pawl.record/proof":"http://p")";
  const struct {
    const char* name;
    const char* body;
    bool is_error;
    std::string expected;
  } cases[] = {
      {"no _meta", R"({ "content" : [1.0] })", false,
       R"({"_meta":{)" + both + R"(}, "content" : [1.0] })"},
      {"with _meta", R"({"a":1,"_meta": {"k" : 1}})", false,
       R"({"a":1,"_meta": {)" + both + R"(,"k" : 1}})"},
      {"forged by the server", R"({"_meta":{"pawl.record/id":"x"}})", false,
       R"({"_meta":{"pawl.record/proof":"http://p",)" + id + "}}"},
      {"_meta is no object", R"({"_meta":7})", false, ""},
      {"error without data", R"({"code":1,"message":"m"})", true, ""},
      {"error with data", R"({"code":1,"message":"m","data":{"k":[1]}})", true, ""},
      {"error with a text as data", R"({"code":1,"message":"m","data":"d"})", true,
       R"({"code":1,"message":"m","data":"d"})"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string out = with_record(c.body, c.is_error, kRecord, "http://p");
    const Result<json::Parsed> parsed = json::parse(out);
    ASSERT_TRUE(parsed) << out;
    if (std::string(c.name) == "error with a text as data") {
      EXPECT_EQ(out, c.expected);
      continue;
    }
    const json::Value* holder = c.is_error ? json::find(parsed->value, {"data"}) : &parsed->value;
    EXPECT_EQ(meta_string(holder, "pawl.record/id"), kRecord.text()) << out;
    EXPECT_EQ(meta_string(holder, "pawl.record/proof"), "http://p") << out;
  }
  const std::string kept =
      with_record(R"({ "content" : [1.0], "z":"\u0041" })", false, kRecord, "");
  EXPECT_NE(kept.find(R"("content" : [1.0], "z":"\u0041" })"), std::string::npos) << kept;
  EXPECT_EQ(kept.find("proof"), std::string::npos);
  EXPECT_EQ(kept.find("token"), std::string::npos);
  const Result<json::Parsed> long_one =
      json::parse(with_record("{}", false, kRecord, "http://p", "a.b.c"));
  ASSERT_TRUE(long_one);
  EXPECT_EQ(meta_string(&long_one->value, "pawl.record/token"), "a.b.c");
}

TEST(ResultTest, ReadsTypesAndStates) {
  const struct {
    const char* body;
    Era era;
    ResultType type;
  } cases[] = {
      {"{}", Era::kModern, ResultType::kComplete},
      {R"({"resultType":"complete"})", Era::kModern, ResultType::kComplete},
      {R"({"resultType":"input_required"})", Era::kModern, ResultType::kInputRequired},
      {R"({"resultType":"task"})", Era::kModern, ResultType::kTask},
      {R"({"resultType":"other"})", Era::kModern, ResultType::kOther},
      {R"({"resultType":7})", Era::kModern, ResultType::kOther},
      {R"({"task":{"taskId":"t"}})", Era::kLegacy, ResultType::kTask},
      {R"({"task":7})", Era::kLegacy, ResultType::kComplete},
      {R"({"resultType":"task"})", Era::kLegacy, ResultType::kComplete},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(result_type(json::parse(c.body)->value, c.era), c.type) << c.body;
  }
  const std::string body = R"({"resultType":"input_required", "requestState" : "up"})";
  EXPECT_EQ(result_state(json::parse(body)->value), "up");
  EXPECT_EQ(with_result_state(body, "ours"),
            R"({"resultType":"input_required", "requestState" : "ours"})");
  EXPECT_EQ(result_state(json::parse(with_result_state("{\"a\":1}", "ours"))->value), "ours");
}

TEST(TasksTest, ReadsTasksOfBothEras) {
  const auto modern =
      json::parse(R"({"resultType":"task","taskId":"t","status":"working","pollIntervalMs":5000})");
  const auto task = created_task(modern->value, Era::kModern);
  ASSERT_TRUE(task);
  EXPECT_EQ(task->id, "t");
  EXPECT_EQ(task->status, TaskStatus::kWorking);
  EXPECT_EQ(task->poll_interval_ms, 5000);
  EXPECT_FALSE(task->ended());
  const auto legacy =
      json::parse(R"({"task":{"taskId":"u","status":"cancelled","pollInterval":7}})");
  EXPECT_TRUE(created_task(legacy->value, Era::kLegacy)->ended());
  EXPECT_FALSE(created_task(legacy->value, Era::kModern));
  EXPECT_FALSE(created_task(json::parse(R"({"task":{"taskId":1}})")->value, Era::kLegacy));
  EXPECT_EQ(task_view(json::parse(R"({"taskId":"t","status":"done"})")->value)->status,
            TaskStatus::kUnknown);
  EXPECT_TRUE(completed_with_error(
      json::parse(R"({"status":"completed","result":{"isError":true}})")->value));
  EXPECT_FALSE(completed_with_error(json::parse(R"({"status":"completed"})")->value));
}

jsonrpc::Message request_of(const char* method, const char* params) {
  return *jsonrpc::decode(jsonrpc::request("\"q\"", method, params));
}

Refusal refusal_of(Code code) {
  Refusal refusal;
  refusal.code = code;
  refusal.control = "rules";
  refusal.rule = "no-writes";
  refusal.reason = "writing outside /srv is \"not allowed\"";
  return refusal;
}

TEST(RefusalTest, AnswersInTheFormItsReaderCanUse) {
  const struct {
    const char* name;
    const char* method;
    const char* params;
    Era era;
    Code code;
    bool as_result;
    int rpc_code;
  } cases[] = {
      {"a denied tool", "tools/call", R"({"name":"t"})", Era::kLegacy, Code::kDenied, true, 0},
      {"modern", "tools/call", R"({"name":"t"})", Era::kModern, Code::kStopped, true, 0},
      {"revoked", "tools/call", R"({"name":"t"})", Era::kModern, Code::kRevoked, true, 0},
      {"another method, revoked", "resources/read", R"({"uri":"u"})", Era::kModern, Code::kRevoked,
       false, -32013},
      {"a lost tool call", "tools/call", R"({"name":"t"})", Era::kModern, Code::kUpstreamFailed,
       true, 0},
      {"a task-augmented call", "tools/call", R"({"name":"t","task":{}})", Era::kLegacy,
       Code::kDenied, false, -32013},
      {"another method", "resources/read", R"({"uri":"u"})", Era::kModern, Code::kDenied, false,
       -32013},
      {"bad parameters", "tools/call", R"({"name":"t"})", Era::kModern, Code::kInvalidParams, false,
       -32602},
      {"missing capability", "tools/call", R"({"name":"t"})", Era::kModern,
       Code::kMissingCapability, false, -32021},
      {"the same in the legacy era", "tools/call", R"({"name":"t"})", Era::kLegacy,
       Code::kMissingCapability, false, -32602},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string text = refusal_response(request_of(c.method, c.params), c.era,
                                              refusal_of(c.code), kRecord, "/log/proof/7");
    const Result<jsonrpc::Message> response = jsonrpc::decode(text);
    ASSERT_TRUE(response) << text;
    EXPECT_EQ(response->id_text, "\"q\"");
    EXPECT_EQ(response->error_code(), c.rpc_code);
    const json::Value* holder = response->result_value();
    const json::Value* details = meta_value(holder, "pawl.record/refusal");
    if (!c.as_result) {
      ASSERT_EQ(response->kind, jsonrpc::Kind::kErrorResponse);
      holder = json::find(*response->error_value(), {"data"});
      details = holder;
    }
    ASSERT_NE(details, nullptr) << text;
    EXPECT_EQ(meta_string(holder, "pawl.record/id"), kRecord.text());
    EXPECT_EQ(meta_string(holder, "pawl.record/proof"), "/log/proof/7");
    EXPECT_EQ(json::find_string(*details, {"code"}), code_name(c.code));
    EXPECT_EQ(json::find_string(*details, {"rule"}), "no-writes");
    EXPECT_EQ(json::find_string(*details, {"record"}), kRecord.text());
    EXPECT_EQ(json::find_string(*details, {"reason"}), "writing outside /srv is \"not allowed\"");
    EXPECT_FALSE(json::find(*details, {"retry_helps"})->get_bool());
    if (c.as_result) {
      EXPECT_TRUE(is_tool_error(*response->result_value()));
      EXPECT_EQ(json::find(*response->result_value(), {"resultType"}) != nullptr,
                c.era == Era::kModern);
    }
  }
}

TEST(RefusalTest, TellsAModelWhatToDo) {
  Refusal refusal = refusal_of(Code::kDenied);
  EXPECT_EQ(refusal_text(refusal, kRecord),
            "Pawl refused this call, it did not happen: writing outside /srv is \"not allowed\" "
            "(code denied, rule no-writes, record 01890a5d-ac96-774b-bcce-b302099a8057). "
            "The same call will be refused again: do not retry it as it is.");
  refusal.retry_helps = true;
  refusal.retry_after_ms = 250;
  EXPECT_NE(refusal_text(refusal, Uuid{}).find("retried after 250 ms"), std::string::npos);
  EXPECT_EQ(refusal_text(refusal, Uuid{}).find("record"), std::string::npos);
  refusal = refusal_of(Code::kUpstreamFailed);
  EXPECT_NE(refusal_text(refusal, kRecord).find("it did not happen"), std::string::npos);
  refusal.was_sent = true;
  EXPECT_NE(refusal_text(refusal, kRecord).find("is unknown"), std::string::npos);
}

// "Do not retry" stood under a refusal that ends with the next resume.
TEST(RefusalTest, AStopMayEndAndSaysSo) {
  Refusal refusal = refusal_of(Code::kStopped);
  refusal.retry_helps = false;
  const std::string text = refusal_text(refusal, kRecord);
  EXPECT_NE(text.find("may be made again after it"), std::string::npos) << text;
  EXPECT_EQ(text.find("do not retry"), std::string::npos) << text;
}

// "It did not happen" was said of a repeat whose first call may have happened.
TEST(RefusalTest, ARepeatSaysNothingOfTheFirstCallThatIsNotKnown) {
  Refusal refusal = refusal_of(Code::kConflict);
  refusal.control = "repeat";
  refusal.reason = "it was made before, and whether it took effect is not known";
  refusal.retry_helps = false;
  const std::string text = refusal_text(refusal, kRecord);
  EXPECT_NE(text.find("did not send this call again: it was made before"), std::string::npos);
  EXPECT_EQ(text.find("did not happen"), std::string::npos) << text;
  EXPECT_NE(text.find("call without repeat-of"), std::string::npos) << text;
}

TEST(RefusalTest, NamesTheErasThatDoNotMeet) {
  const jsonrpc::Fault modern = modern_client_legacy_server("files", {"2025-11-25"}, "2026-07-28");
  EXPECT_EQ(modern.http_status, 400);
  EXPECT_EQ(modern.data, R"({"supported":["2025-11-25"],"requested":"2026-07-28"})");
  EXPECT_EQ(jsonrpc::decode(fault_response("1", modern, Era::kModern))->error_code(), -32022);
  const jsonrpc::Fault legacy = legacy_client_modern_server("files", {"2026-07-28"}, "2025-11-25");
  EXPECT_EQ(legacy.http_status, 200);
  EXPECT_NE(legacy.message.find("files speaks 2026-07-28"), std::string::npos);
  EXPECT_EQ(jsonrpc::decode(fault_response("1", legacy, Era::kLegacy))->error_code(), -32602);
  EXPECT_EQ(unknown_method("x", "2026-07-28").http_status, 404);
  EXPECT_EQ(unknown_method("x", "2025-11-25").http_status, 200);
  EXPECT_EQ(jsonrpc::decode(fault_response("", Error{Code::kMalformed, "line 1"}, Era::kLegacy))
                ->error_code(),
            -32700);
}

}  // namespace
}  // namespace pawl::mcp
