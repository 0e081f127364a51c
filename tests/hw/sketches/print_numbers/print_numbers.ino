// Numbers in bases and with decimals, and what print() returns.
void setup() {
  Serial.begin(115200);
  Serial.println(78);
  Serial.println(78, BIN);
  Serial.println(78, OCT);
  Serial.println(78, DEC);
  Serial.println(78, HEX);
  Serial.println(78, 7);
  Serial.println(-78);
  Serial.println(-2L, HEX);
  Serial.println(2147483647L);
  Serial.println(-2147483647L - 1);
  Serial.println(4294967295UL);
  Serial.println(1.23456);
  Serial.println(1.23456, 0);
  Serial.println(1.23456, 4);
  Serial.println(-0.125, 3);
  Serial.println(1.999);
  Serial.println(5e9);
  Serial.println(-5e9);
  Serial.println(0.0 / 0.0);
  Serial.println(1.0 / 0.0);
  Serial.println('N');
  Serial.println((byte)78);
  Serial.println("Hello " "world");
  Serial.println(F("from flash"));
  Serial.println(true);
  Serial.println(3.0f, 1);
  Serial.print(Serial.print("abc"));
  Serial.print(Serial.println(-1234));
  Serial.println(Serial.println());
}

void loop() {}
