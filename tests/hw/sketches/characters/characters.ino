// Kinds of characters: one line per character, one column per function.
void show(int c) {
  Serial.print(c);
  Serial.print(' ');
  bool kinds[] = {isAlphaNumeric(c), isAlpha(c), isAscii(c), isWhitespace(c), isControl(c), isDigit(c), isGraph(c),
                  isLowerCase(c), isPrintable(c), isPunct(c), isSpace(c), isUpperCase(c), isHexadecimalDigit(c)};
  for (bool kind : kinds) Serial.print(kind ? 'x' : '-');
  Serial.println();
}

void setup() {
  Serial.begin(115200);
  const char characters[] = {'a', 'Z', 'f', '7', ' ', '\t', '\n', '!', '\x7f'};
  for (char c : characters) show(c);
  show(200);
  Serial.println((char)toLowerCase('Q'));
  Serial.println((char)toUpperCase('q'));
  Serial.println(toAscii(0xC1));
}

void loop() {}
