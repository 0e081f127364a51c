// The small helpers of the API.
#include <avr/pgmspace.h>

const int table[] PROGMEM = {7, 8, 9};

int twice(int n) { return helper(n) * 2; }  // prototypes are generated
int helper(int n) { return n; }

void setup() {
  Serial.begin(115200);
  Serial.println(map(512, 0, 1023, 0, 255));
  Serial.println(constrain(300, 0, 255) + min(3, 4L) + max(2.5, 1));
  Serial.println(abs(-3) + sq(4));
  byte flags = 0;
  bitSet(flags, 3);
  bitWrite(flags, 0, 1);
  bitToggle(flags, 7);
  Serial.println(flags, BIN);
  Serial.println(String(bitRead(flags, 3)) + bitRead(flags, 2) + bit(4));
  Serial.println(word(0x12, 0x34), HEX);
  Serial.println(String(highByte(0xABCD), HEX) + String(lowByte(0xABCD), HEX));
  Serial.println(pgm_read_dword(&table[2]));
  Serial.println(isDigit('7') && isAlpha('x') && isSpace('\t') && !isPunct('a') && isUpperCase('Q'));
  Serial.println(twice(21));
  Serial.println(B1010 + (int)round(degrees(PI)));
  shiftOut(6, 7, MSBFIRST, 0x80);
  boolean old = HIGH;
  Serial.println(sizeof(old) == 1 && LED_BUILTIN == 13 && LEDR == 22 && A0 == 14);
}

void loop() {}
