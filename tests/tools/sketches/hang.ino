// Does not return from loop(), in the way that the serial line asks for.
void setup() { Serial.begin(115200); }

void loop() {
  switch (Serial.read()) {
    case 'b':
      while (true) {
      }
    case 's':
      while (true) delay(100);
    case 'm':
      noInterrupts();
      while (true) {
      }
    case 'd':
      delay(8000);
      Serial.println("back");
  }
}
