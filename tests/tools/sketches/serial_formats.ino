// Every overload of print() and println().
struct Point : public Printable {
  int x = 3, y = -4;
  size_t printTo(Print &p) const override { return p.print(x) + p.print(',') + p.print(y); }
};

void setup() {
  Serial.begin(115200);
  while (!Serial) {
  }
  Serial.println(255, HEX);
  Serial.println(255, BIN);
  Serial.println(8, OCT);
  Serial.println(-42);
  Serial.println(-1, HEX);
  Serial.println(4294967295UL);
  Serial.println(-9223372036854775807LL);
  Serial.println(18446744073709551615ULL);
  Serial.println(0LL);
  Serial.println(3.14159);
  Serial.println(3.14159, 4);
  Serial.println(-2.005, 0);
  Serial.println(1.999);
  Serial.println(NAN);
  Serial.println(INFINITY);
  Serial.println(5e9);
  Serial.println('c');
  Serial.println((uint8_t)'c');
  Serial.println(F("flash"));
  Serial.println(String("string"));
  Serial.println(Point());
  Serial.println(true);
  Serial.write(65);
  Serial.write("BC");
  Serial.write((const uint8_t *)"DEF", 2);
  Serial.println();
  Serial.println(Serial.println("length"));
  Serial.flush();
  Serial.print(Serial.availableForWrite() >= 0 ? "no newline at the end" : "");
}

void loop() {}
