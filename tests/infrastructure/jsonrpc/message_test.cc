#include "infrastructure/jsonrpc/message.h"

#include <gtest/gtest.h>

namespace pawl::jsonrpc {
namespace {

TEST(DecodeTest, TellsTheKindsApart) {
  const struct {
    const char* name;
    const char* text;
    Kind kind;
    const char* id;
    const char* method;
  } cases[] = {
      {"request", R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"a":1}})",
       Kind::kRequest, "7", "tools/call"},
      {"string id keeps its spelling", R"({"jsonrpc":"2.0","id":"\u0061b","method":"ping"})",
       Kind::kRequest, R"("\u0061b")", "ping"},
      {"largest unsigned id", R"({"jsonrpc":"2.0","id":18446744073709551615,"method":"ping"})",
       Kind::kRequest, "18446744073709551615", "ping"},
      {"escaped method", R"({"jsonrpc":"2.0","id":1,"method":"pin\u0067"})", Kind::kRequest, "1",
       "ping"},
      {"notification", R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
       Kind::kNotification, "", "notifications/initialized"},
      {"response", R"({"jsonrpc":"2.0","id":-3,"result":{}})", Kind::kResponse, "-3", ""},
      {"error", R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}})",
       Kind::kErrorResponse, "1", ""},
      {"error without id", R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"no"}})",
       Kind::kErrorResponse, "", ""},
      {"error with null id", R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"no"}})",
       Kind::kErrorResponse, "", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Result<Message> message = decode(c.text);
    ASSERT_TRUE(message) << message.error().message;
    EXPECT_EQ(message->kind, c.kind);
    EXPECT_EQ(message->id_text, c.id);
    EXPECT_EQ(message->method, c.method);
    EXPECT_EQ(message->text, c.text);
  }
}

TEST(DecodeTest, AnAnswerHasNoParamsNeitherAsTextNorAsAValue) {
  for (const char* text :
       {R"({"jsonrpc":"2.0","id":1,"params":{"a":1},"result":{}})",
        R"({"jsonrpc":"2.0","id":1,"params":{},"error":{"code":1,"message":""}})"}) {
    const Result<Message> message = decode(text);
    ASSERT_TRUE(message) << text;
    EXPECT_FALSE(message->params) << text;
    EXPECT_EQ(message->params_value(), nullptr) << text;
  }
}
TEST(DecodeTest, RefusesWhatIsNoMessage) {
  const struct {
    const char* name;
    std::string text;
    Code code;
  } cases[] = {
      {"empty", "", Code::kMalformed},
      {"cut off", R"({"jsonrpc":"2.0","id":1,)", Code::kMalformed},
      {"trailing bytes", R"({"jsonrpc":"2.0","id":1,"method":"ping"}{})", Code::kMalformed},
      {"duplicate key", R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})", Code::kMalformed},
      {"duplicate key by escape",
       R"({"jsonrpc":"2.0","id":1,"method":"a","params":{"name":"x","na\u006de":"y"}})",
       Code::kMalformed},
      {"bad UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", Code::kMalformed},
      {"batch", R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", Code::kInvalidRequest},
      {"scalar", "7", Code::kInvalidRequest},
      {"no version", R"({"id":1,"method":"ping"})", Code::kInvalidRequest},
      {"version 1.0", R"({"jsonrpc":"1.0","id":1,"method":"ping"})", Code::kInvalidRequest},
      {"version as a number", R"({"jsonrpc":2.0,"id":1,"method":"ping"})", Code::kInvalidRequest},
      {"null id", R"({"jsonrpc":"2.0","id":null,"method":"ping"})", Code::kInvalidRequest},
      {"boolean id", R"({"jsonrpc":"2.0","id":true,"method":"ping"})", Code::kInvalidRequest},
      {"object id", R"({"jsonrpc":"2.0","id":{},"method":"ping"})", Code::kInvalidRequest},
      {"fraction id", R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", Code::kInvalidRequest},
      {"huge id", R"({"jsonrpc":"2.0","id":18446744073709551616,"method":"ping"})",
       Code::kInvalidRequest},
      {"params array", R"({"jsonrpc":"2.0","id":1,"method":"a","params":[1]})",
       Code::kInvalidRequest},
      {"params null", R"({"jsonrpc":"2.0","id":1,"method":"a","params":null})",
       Code::kInvalidRequest},
      {"method number", R"({"jsonrpc":"2.0","id":1,"method":1})", Code::kInvalidRequest},
      {"method empty", R"({"jsonrpc":"2.0","id":1,"method":""})", Code::kInvalidRequest},
      {"method and result", R"({"jsonrpc":"2.0","id":1,"method":"a","result":{}})",
       Code::kInvalidRequest},
      {"result and error",
       R"({"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}})",
       Code::kInvalidRequest},
      {"neither", R"({"jsonrpc":"2.0","id":1})", Code::kInvalidRequest},
      {"result without id", R"({"jsonrpc":"2.0","result":{}})", Code::kInvalidRequest},
      {"result null id", R"({"jsonrpc":"2.0","id":null,"result":{}})", Code::kInvalidRequest},
      {"result array", R"({"jsonrpc":"2.0","id":1,"result":[]})", Code::kInvalidRequest},
      {"error string", R"({"jsonrpc":"2.0","id":1,"error":"no"})", Code::kInvalidRequest},
      {"error without code", R"({"jsonrpc":"2.0","id":1,"error":{"message":"no"}})",
       Code::kInvalidRequest},
      {"too deep",
       R"({"jsonrpc":"2.0","id":1,"method":"a","params":)" +
           [] {
             std::string deep;
             for (int i = 0; i < 100; ++i) {
               deep += R"({"a":)";
             }
             return deep + "1" + std::string(100, '}') + "}";
           }(),
       Code::kTooLarge},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Result<Message> message = decode(c.text);
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().code, c.code) << message.error().message;
    EXPECT_FALSE(message.error().message.empty());
  }
}

TEST(DecodeTest, ReportsNumbersThatADoubleChanges) {
  const Result<Message> message =
      decode(R"({"jsonrpc":"2.0","id":1,"method":"a","params":{"n":9007199254740993,"m":0.1}})");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->lossy_numbers, std::vector<std::string>{"/params/n"});
}

TEST(SalvageTest, FindsAnIdWhereOneCanBeTold) {
  EXPECT_EQ(salvage_id(R"({"id":7,"method":1})"), "7");
  EXPECT_EQ(salvage_id(R"({"id":"x"})"), "\"x\"");
  EXPECT_EQ(salvage_id(R"({"id":null})"), "");
  EXPECT_EQ(salvage_id("{"), "");
  EXPECT_EQ(salvage_id("[]"), "");
}

TEST(SpliceTest, ChangesOnlyWhatItNames) {
  const Result<Message> message =
      decode("{ \"jsonrpc\":\"2.0\",  \"id\" : 1 , \"method\":\"a\",\"params\": {\"x\":1.0} }");
  ASSERT_TRUE(message);
  EXPECT_EQ(with_id(*message, "\"q\""),
            "{ \"jsonrpc\":\"2.0\",  \"id\" : \"q\" , \"method\":\"a\",\"params\": {\"x\":1.0} }");
  EXPECT_EQ(with_params(*message, "{}"),
            "{ \"jsonrpc\":\"2.0\",  \"id\" : 1 , \"method\":\"a\",\"params\": {} }");
  EXPECT_EQ(message->params_text(), "{\"x\":1.0}");
}

TEST(BuildTest, PrintsWhatDecodeReads) {
  EXPECT_EQ(request("1", "a\"b", R"({"x":1})"),
            R"({"jsonrpc":"2.0","id":1,"method":"a\"b","params":{"x":1}})");
  EXPECT_EQ(notification("n", ""), R"({"jsonrpc":"2.0","method":"n"})");
  EXPECT_EQ(response("\"a\"", "{}"), R"({"jsonrpc":"2.0","id":"a","result":{}})");
  EXPECT_EQ(error_response("", error_object(-32700, "bad\n", R"({"k":1})")),
            R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"bad\n","data":{"k":1}}})");
  EXPECT_EQ(decode(error_response("3", error_object(-32601, "no")))->error_code(), -32601);
}

}  // namespace
}  // namespace pawl::jsonrpc
