// Constants in program memory.
#include <avr/pgmspace.h>

const char GREETING[] PROGMEM = "hello from flash";
const uint16_t TABLE[] PROGMEM = {100, 2000, 30000};
const byte BYTES[] PROGMEM = {1, 2, 255};
const float FACTORS[] PROGMEM = {0.5, 1.25};
const char FIRST[] PROGMEM = "first";
const char SECOND[] PROGMEM = "second";
const char *const NAMES[] PROGMEM = {FIRST, SECOND};

void setup() {
  Serial.begin(115200);
  Serial.println(F("a literal"));
  Serial.println((const __FlashStringHelper *)GREETING);
  char text[20];
  strcpy_P(text, GREETING);
  Serial.println(text);
  Serial.println(strlen_P(GREETING));
  Serial.println((char)pgm_read_byte(&GREETING[4]));
  Serial.println(pgm_read_word(&TABLE[2]));
  Serial.println(pgm_read_byte(BYTES + 2));
  Serial.println(pgm_read_float(&FACTORS[1]));
  strcpy_P(text, (const char *)pgm_read_ptr(&NAMES[1]));
  Serial.println(text);
  Serial.println(strcmp_P("first", FIRST));
  String joined = F("joined ");
  joined += F("text");
  Serial.println(joined);
  snprintf_P(text, sizeof text, PSTR("%d-%s"), 12, "x");
  Serial.println(text);
}

void loop() {}
