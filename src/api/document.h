// A document that does not change while the server runs, in the forms that clients like: as it is, and packed before
// anybody asks.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "http/coding.h"
#include "http/message.h"
#include "web/files.h"

namespace vigie::api {

class Document {
 public:
  // `content_type` is in static storage. `file` must outlive the document.
  Document(std::string_view content_type, const web::File& file);
  // Packs `text`, which takes milliseconds.
  Document(std::string_view content_type, std::string text);
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  // In the form that Accept-Encoding likes best, or 304 to who has that one (revalidation.h). The caller says
  // Vary: Accept-Encoding.
  void answer(const http::Request& request, http::Response& response) const;

 private:
  struct Form {
    std::string_view bytes;
    std::string etag;
  };
  void add_packed(http::Coding coding, std::string_view bytes, std::string_view hash);

  std::string_view content_type_;
  std::string text_;  // where it is not a file's
  std::array<std::string, 3> packed_text_;
  std::vector<http::Coding> codings_;  // smallest first: it is taken where a client likes several as much
  std::vector<Form> packed_;           // one for each
  Form plain_;
};

}  // namespace vigie::api
