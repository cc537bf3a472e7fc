#include "foundation/pkcs11/token_key.h"

#include <optional>
#include <utility>

#include "foundation/crypto/held_key.h"
#include "foundation/crypto/wipe.h"
#include "foundation/pkcs11/pkcs11_module.h"
#include "foundation/pkcs11/token_object.h"

namespace pawl {
namespace {

using namespace pkcs11;

constexpr std::size_t kSignatureSize = 64;  // of both kinds

class TokenKey : public KeyHolder {
 public:
  TokenKey(std::shared_ptr<Module> module, Pkcs11Uri uri, KeyKind kind, PinReader pin)
      : module_(std::move(module)), uri_(std::move(uri)), kind_(kind), pin_(std::move(pin)) {}
  ~TokenKey() override {
    MutexLock lock(module_->mutex());
    close();
  }
  TokenKey(const TokenKey&) = delete;
  TokenKey& operator=(const TokenKey&) = delete;

  Result<PublicKey> public_part() const {
    MutexLock lock(module_->mutex());
    const Status ready = open();
    return ready ? public_part_of(session(), open_->key, kind_) : fail(ready.error());
  }

  // In the open session, in a new one, and in one of a module that began anew.
  Result<std::string> sign(std::string_view message) const override {
    MutexLock lock(module_->mutex());
    Result<std::string> signature = try_once(message);
    if (!signature) {
      close();
      signature = try_once(message);
    }
    if (!signature && signature.error().code != Code::kUnauthenticated) {
      close();
      module_->begin_anew(module_->generation());
      signature = try_once(message);
    }
    return signature ? signature : fail_at(uri_.shown(), signature.error());
  }

 private:
  struct Open {
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
    std::uint64_t generation;
  };

  Session session() const PAWL_REQUIRES(module_->mutex()) {
    return {module_->functions(), open_->session};
  }

  Status open() const PAWL_REQUIRES(module_->mutex()) {
    if (open_ && open_->generation == module_->generation()) {
      return {};
    }
    open_.reset();
    Result<std::string> pin = pin_();
    if (!pin) {
      return fail(pin.error());
    }
    const Result<CK_SESSION_HANDLE> session = module_->log_in(uri_, *pin);
    wipe(*pin);
    if (!session) {
      return fail(session.error());
    }
    const Result<CK_OBJECT_HANDLE> key =
        find_private_key({module_->functions(), *session}, uri_, kind_);
    open_ = Open{*session, key.value_or(0), module_->generation()};
    if (!key) {
      close();
      return fail(key.error());
    }
    return {};
  }

  void close() const PAWL_REQUIRES(module_->mutex()) {
    if (open_ && open_->generation == module_->generation()) {
      static_cast<void>(module_->functions().C_CloseSession(open_->session));  // may be gone
    }
    open_.reset();
  }

  Result<std::string> try_once(std::string_view message) const PAWL_REQUIRES(module_->mutex()) {
    if (const Status ready = open(); !ready) {
      return fail(ready.error());
    }
    CK_MECHANISM mechanism{kind_ == KeyKind::kP256 ? CKM_ECDSA : CKM_EDDSA, nullptr, 0};
    std::string input(kind_ == KeyKind::kP256 ? std::string(view(sha256(message)))
                                              : std::string(message));
    std::string signature(kSignatureSize, '\0');
    CK_ULONG size = signature.size();
    CK_FUNCTION_LIST& functions = module_->functions();
    CK_RV answer = functions.C_SignInit(open_->session, &mechanism, open_->key);
    if (check_ok(answer)) {
      answer = functions.C_Sign(open_->session, reinterpret_cast<CK_BYTE*>(input.data()),
                                static_cast<CK_ULONG>(input.size()),
                                reinterpret_cast<CK_BYTE*>(signature.data()), &size);
    }
    if (!check_ok(answer) || size != kSignatureSize) {
      return fail(Code::kIo, "the token does not sign: " + reason(answer));
    }
    return signature;
  }

  const std::shared_ptr<Module> module_;
  const Pkcs11Uri uri_;
  const KeyKind kind_;
  const PinReader pin_;
  mutable std::optional<Open> open_ PAWL_GUARDED_BY(module_->mutex());
};

}  // namespace

Result<SigningKey> open_token_key(const Pkcs11Uri& uri, KeyKind kind, PinReader pin) {
  Result<std::shared_ptr<Module>> module = Module::of(uri.module_path());
  if (!module) {
    return fail(module.error());
  }
  auto holder = std::make_shared<TokenKey>(*std::move(module), uri, kind, std::move(pin));
  Result<PublicKey> part = holder->public_part();
  if (!part) {
    return fail(part.error());
  }
  SigningKey key = held_key(*std::move(part), holder);
  // A private key of other use, or one with the public part of another, is found out now.
  const Result<std::string> signature = key.sign("pawl");
  return signature ? Result<SigningKey>(std::move(key)) : fail(signature.error());
}

}  // namespace pawl
