vigie_fuzz(NAME answer SOURCES answer_fuzz.cc DEPS load)
